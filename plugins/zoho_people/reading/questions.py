"""The questions: one SQL file each, in the folder ``sql``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from zoho_people.reading.chosen_rows import GROUP_JOINS, SAID
from zoho_people.reading.days import LATEST, snapshot_of
from zoho_people.reading.due_columns import DUE_GROUPS, DUE_RANGE
from zoho_people.reading.errors import NoSuchDay, UnknownParameter, UnknownQuestion
from zoho_people.reading.parameters import COMPARED, SNAPSHOT, read_parameters
from zoho_people.reading.people_columns import COURSE, ENTITY_TYPE, USUAL, group_columns

FOLDER = Path(__file__).with_name("sql")
GROUP, PEOPLE, PARTIAL = "group_by", "people_with", "partial_days"
WITHOUT_TYPE = frozenset({"learning_gain", "stalled_learners"})
"""Questions whose rows are of several entity types together."""

SHORT = {f"{name}s": name for name in (*USUAL, *DUE_GROUPS)} | {name: name for name in DUE_RANGE}
"""The usual columns and due dates have parameters of their own, since these are what most people filter by."""

_COMMENT = re.compile(r"--[^\n]*")
_PARAMETER = re.compile(r"\$([a-z_]+)")
_WEEK = timedelta(days=7)
_ROLLED_UP = """
WITH answer AS (
    SELECT r.*, {said} AS said
    FROM ({rows}) AS r
    {joins}
)
{roll_up}
"""
_JOINS = GROUP_JOINS.format(
    people="people_asked",
    first_day="$snapshot_date::DATE",
    day="$snapshot_date::DATE",
    people_with="NULL",
    group_by="$group_by",
)


def question_names() -> list[str]:
    """The names of all questions."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to ask about: days, the newest first; which one is the latest; the columns of the people file.

    ``has_deadlines`` tells whether there are due dates.
    ``partial_days`` tells the days of which there is a snapshot of a part of the courses.
    """

    days: Sequence[date]
    latest: date | None = None
    people_columns: Sequence[str] = USUAL
    has_deadlines: bool = False
    partial_days: Callable[[], Sequence[date]] = tuple

    @property
    def columns(self) -> list[str]:
        """The columns of both files that people bring along, as far as one can group by them."""
        return [*group_columns(self.people_columns), *(DUE_GROUPS if self.has_deadlines else ())]

    def refuse_due(self, name: str, columns: Collection[str]) -> None:
        """:raises UnknownParameter: when *columns*, which *name* asks for, need due dates, and there are none."""
        asked = [each for each in columns if each in (*DUE_GROUPS, *DUE_RANGE)]
        if asked and not self.has_deadlines:
            what = name if name == asked[0] else f"{name}: {asked[0]}"
            raise UnknownParameter(f"{what} needs due dates, and none are known; name a deadlines file")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and how it is answered.

    Some are answered in rows about learners; these have a second statement, which makes a row of each group of
    them. The others have groups of their own.
    """

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
        """The SQL without comments and final semicolon: a row for each thing that the question is about."""
        return self._statements[0]

    @property
    def grouped(self) -> str:
        """The same with a row for each group."""
        rows, *roll_up = self._statements
        return _ROLLED_UP.format(said=SAID, rows=rows, joins=_JOINS, roll_up=roll_up[0]) if roll_up else rows

    @property
    def has_groups(self) -> bool:
        """Whether its rows are about groups already, without a roll-up."""
        return f"${GROUP}" in self.statement

    @property
    def _statements(self) -> list[str]:
        return [each.strip() for each in _COMMENT.sub("", self.sql).split(";") if each.strip()]

    @property
    def parameters(self) -> frozenset[str]:
        """The names of its parameters."""
        return _names(self.grouped) | _names(self.statement)

    def groups(self, facts: Facts) -> list[str]:
        """What its rows can be grouped by."""
        types = [] if self.name in WITHOUT_TYPE else [ENTITY_TYPE]
        return [COURSE, *types, *facts.columns]

    def prepared(self, given: Mapping[str, Any], facts: Facts) -> tuple[str, dict[str, Any]]:
        """The SQL, and a value for each of its parameters: what is *given*, checked, and null for the others.

        :raises UnknownParameter: naming one that can't be.
        :raises NoSuchDay: when there is no such snapshot.
        """
        given = self._with_people(given, facts)
        group_by = given.get(GROUP)
        if group_by is not None and group_by not in self.groups(facts):
            facts.refuse_due(GROUP, [group_by])
            known = ", ".join(self.groups(facts))
            raise UnknownParameter(f"{GROUP}: {str(group_by)[:80]!r} is unknown; use one of: {known}")
        values = self._completed(read_parameters(given), facts)
        statement = self.grouped if values.get(GROUP) else self.statement
        return statement, {name: values[name] for name in _names(statement)}

    def _completed(self, read: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
        values = {**dict.fromkeys(self.parameters), **read}
        values[SNAPSHOT] = day = snapshot_of(values[SNAPSHOT] or facts.latest or LATEST, facts.days)
        if COMPARED in values:
            values[COMPARED] = _compared(values[COMPARED], day, facts.days)
        if PARTIAL in values:
            values[PARTIAL] = list(facts.partial_days())
        return values

    def _with_people(self, given: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
        """*given*, with what has a parameter of its own (``departments``) moved into ``people_with``."""
        takes = sorted({*self.parameters, *SHORT} - {PARTIAL})
        unknown = sorted(set(given) - set(takes))
        if unknown:
            raise UnknownParameter(
                f"{self.name} has no parameter {unknown[0][:80]!r}; it has: {', '.join(takes)}"
            )
        short = read_parameters({name: given[name] for name in SHORT if given.get(name) is not None})
        people = _known_people(given.get(PEOPLE) or {}, facts)
        for name in short:
            facts.refuse_due(name, [SHORT[name]])
        twice = [name for name in short if SHORT[name] in people]
        if twice:
            raise UnknownParameter(f"{twice[0]} is among {PEOPLE}, too; name it once")
        return {
            **{name: value for name, value in given.items() if name not in SHORT},
            PEOPLE: {**people, **{SHORT[name]: values for name, values in short.items()}} or None,
        }


def _known_people(people: Any, facts: Facts) -> Mapping[str, Any]:
    known = facts.columns
    if not isinstance(people, Mapping):
        raise UnknownParameter(f"{PEOPLE}: {str(people)[:80]!r} is no mapping; name columns and their values")
    facts.refuse_due(PEOPLE, people)
    unknown = [name for name in people if name not in (*known, *DUE_RANGE)]
    if unknown:
        raise UnknownParameter(
            f"{PEOPLE}: the people file has no column {str(unknown[0])[:80]!r} to filter by; "
            f"there are: {', '.join(known)}"
        )
    return people


def _names(statement: str) -> frozenset[str]:
    return frozenset(_PARAMETER.findall(statement))


def _compared(wanted: date | None, day: date, days: Sequence[date]) -> date | None:
    """What *day* is compared with: the last snapshot up to *wanted*, or to a week before; else the oldest."""
    before = [each for each in days if each < day]
    found = next((each for each in before if each <= (wanted or day - _WEEK)), None)
    if found is None and wanted is not None:
        raise NoSuchDay(wanted, days)
    return found or (before[-1] if before else None)
