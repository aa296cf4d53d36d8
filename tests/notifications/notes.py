"""A notifier of the tests' own, as a user would write one, and what it was called with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseNotifier


class Notes(BaseNotifier):
    """Keeps each rendered text in *sent*; *fails* instead where that is given."""

    template_fields: Sequence[str] = ("text",)

    def __init__(self, text: str = "{{ zoho_people.alert }}", *, fails: BaseException | None = None) -> None:
        super().__init__()
        self.text = text
        self.fails = fails
        self.sent: list[str] = []
        self.facts: list[dict[str, Any]] = []

    def notify(self, context: Any) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(self.text)
        self.facts.append(context["zoho_people"])
