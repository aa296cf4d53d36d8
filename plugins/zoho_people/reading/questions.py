"""The questions: one SQL file each, in the folder ``sql``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from zoho_people.reading.days import LATEST, snapshot_of
from zoho_people.reading.errors import NoSuchDay, UnknownParameter, UnknownQuestion
from zoho_people.reading.parameters import COMPARED, SNAPSHOT, read_parameters

FOLDER = Path(__file__).with_name("sql")
_COMMENT = re.compile(r"--[^\n]*")
_PARAMETER = re.compile(r"\$([a-z_]+)")
_WEEK = timedelta(days=7)


def question_names() -> list[str]:
    """The names of all questions."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and how it is answered."""

    name: str
    sql: str

    @classmethod
    def named(cls, name: str) -> Question:
        """The question called *name*.

        :raises UnknownQuestion: when there is none.
        """
        names = question_names()
        if name not in names:
            raise UnknownQuestion(f"{str(name)[:80]!r} is no question; there are: {', '.join(names)}")
        return cls(name, (FOLDER / f"{name}.sql").read_text("utf-8"))

    @property
    def title(self) -> str:
        """The question itself."""
        return self.sql.partition("\n")[0].removeprefix("--").strip()

    @property
    def statement(self) -> str:
        """The SQL without comments, and without a semicolon at its end."""
        return _COMMENT.sub("", self.sql).strip().removesuffix(";")

    @property
    def parameters(self) -> frozenset[str]:
        """The names of its parameters."""
        return frozenset(_PARAMETER.findall(self.statement))

    def complete(
        self, given: Mapping[str, Any], days: Sequence[date], latest: date | None = None
    ) -> dict[str, Any]:
        """A value for each parameter: those that are *given*, checked, and null for the others.

        The snapshot becomes one of *days* (the newest first); where it is left out *latest*, or the newest.

        :raises UnknownParameter: naming one that can't be.
        :raises NoSuchDay: when there is no such snapshot.
        """
        unknown = sorted(set(given) - self.parameters)
        if unknown:
            raise UnknownParameter(
                f"{self.name} has no parameter {unknown[0][:80]!r}; it has: {', '.join(sorted(self.parameters))}"
            )
        values = {**dict.fromkeys(self.parameters), **read_parameters(given)}
        values[SNAPSHOT] = day = snapshot_of(values[SNAPSHOT] or latest or LATEST, days)
        if COMPARED in values:
            values[COMPARED] = _compared(values[COMPARED], day, days)
        return values


def _compared(wanted: date | None, day: date, days: Sequence[date]) -> date | None:
    """What *day* is compared with: the last snapshot up to *wanted*, or to a week before; else the oldest."""
    before = [each for each in days if each < day]
    found = next((each for each in before if each <= (wanted or day - _WEEK)), None)
    if found is None and wanted is not None:
        raise NoSuchDay(wanted, days)
    return found or (before[-1] if before else None)
