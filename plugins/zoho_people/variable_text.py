"""Texts shared through Airflow Variables."""

from __future__ import annotations

import re

from airflow.sdk import Variable


class VariableText:
    """A :class:`~zoho_people.api.shared_text.SharedText` in the Airflow Variable *key*."""

    def __init__(self, key: str, description: str) -> None:
        self._key = key
        self._description = description

    @classmethod
    def of_connection(cls, conn_id: str, what: str, description: str) -> VariableText:
        """The text about *what* of one connection: the Variable ``zoho_people_<what>_<conn_id>``."""
        return cls(f"zoho_people_{what}_{re.sub(r'[^A-Za-z0-9_]', '_', conn_id)}", description)

    def load(self) -> str | None:
        text: str | None = Variable.get(self._key, default=None)
        return text

    def save(self, text: str) -> None:
        Variable.set(self._key, text, description=self._description)


def in_task() -> bool:
    """Whether this process runs an Airflow task, so that Variables can be written."""
    from airflow.sdk.execution_time import task_runner

    return hasattr(task_runner, "SUPERVISOR_COMMS")
