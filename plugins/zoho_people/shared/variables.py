"""What tasks share, in Airflow Variables."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Variable

from zoho_people.shared.airflow_internals import in_server, server_variable_keys, server_variables


@dataclass(frozen=True)
class VariableText:
    """A :class:`~zoho_people.shared.text.SharedText` in the Airflow Variable *key*."""

    key: str
    description: str

    def load(self) -> str | None:
        return read_variable(self.key)

    def save(self, text: str) -> None:
        _variables().set(self.key, text, description=self.description)


@dataclass(frozen=True)
class VariableNames:
    """:class:`~zoho_people.shared.sent_requests.SharedNames` as the keys of Airflow Variables, behind *prefix*."""

    prefix: str
    description: str

    def all(self) -> list[str]:
        return [key.removeprefix(self.prefix) for key in variable_keys(self.prefix)]

    def add(self, name: str) -> None:
        _variables().set(self.prefix + name, "1", description=self.description)

    def remove(self, name: str) -> None:
        _variables().delete(self.prefix + name)


class VariableCounts(VariableNames):
    """:class:`~zoho_people.shared.ledger.SharedCounts` in the Airflow Variables whose keys begin with *prefix*."""

    def read(self, name: str) -> int:
        text = read_variable(self.prefix + name)
        return int(text) if text is not None and text.isascii() and text.isdecimal() else 0

    def write(self, name: str, count: int) -> None:
        _variables().set(self.prefix + name, str(count), description=self.description)


def read_variable(key: str) -> str | None:
    """The Variable's text, None when there is none.

    Airflow's own look-up also says that there is none when its API can't be asked; listing the keys does not.

    :raises VariableUnreadable: when it is there and can't be read.
    """
    text: str | None = _variables().get(key, None)
    if text is None and key in variable_keys(key):
        text = _variables().get(key, None)  # it may have been written in between
        if text is None:
            raise VariableUnreadable(f"the Variable {key} can't be read at the moment")
    return text


def variable_keys(prefix: str) -> list[str]:
    """The keys of all Variables that begin with *prefix*."""
    return server_variable_keys(prefix) if in_server() else list(Variable.keys(prefix=prefix))


def refuse_silence() -> None:
    """Return where Airflow's API answers: a look-up also says that there is nothing when it can't be asked.

    :raises Exception: Airflow's own, where it does not answer.
    """
    variable_keys("zoho_people_")


class VariableUnreadable(OSError):
    """A Variable that exists could not be read; try again."""


_LONGEST_PLAIN = 100


def variable_key(conn_id: str, what: str) -> str:
    """The key of the Variable about *what* of one connection: ``zoho_people_<what>_<conn_id>``.

    It has letters, digits and underlines only, and leaves room for what may follow it in Airflow's 250 characters;
    a hash tells connections apart that differ in what had to go.
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "_", conn_id)[:_LONGEST_PLAIN]
    if plain != conn_id:
        plain = f"{plain[: _LONGEST_PLAIN - 9]}_{hashlib.sha256(conn_id.encode()).hexdigest()[:8]}"
    return f"zoho_people_{what}_{plain}"


def _variables() -> Any:
    """Airflow's Variables: by its API, or where the database is at hand by that."""
    return server_variables() if in_server() else Variable
