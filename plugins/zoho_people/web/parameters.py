"""What a request asks for: the parameters of its address, checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, parse_learner_id, shown
from zoho_people.reading.days import LATEST
from zoho_people.reading.due_columns import DUE_GROUPS, DUE_RANGE, read_due
from zoho_people.reading.people_columns import USUAL
from zoho_people.web.problem import PageProblem

T = TypeVar("T")

COMMON = ("dag", "snapshot_date")
FILTERS = ("course", "entity_type", *USUAL, *DUE_GROUPS, *DUE_RANGE)
GROUP = "group_by"
OF_PEOPLE = "people."
"""How the parameter begins that filters by a further column of the people file: ``people.cost_centre=0042``."""

OPEN_COLUMNS = ("department", "location")
"""The columns of the people file that tell no names. Of further ones nobody knows what is in them."""

_OPEN = (*OPEN_COLUMNS, *DUE_GROUPS)

PAGED = ("q", "sort", "limit", "offset")
NAMES = ("name", "email", "manager")
"""Only those who may see names can filter and sort by these: the order of rows would tell names, too."""

MOST_VALUES = 200
LONGEST_TEXT = 200
DEFAULT_LIMIT = 100
MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Parameters:
    """The address's parameters by name, as far as a route takes them."""

    given: QueryParams
    may_see_names: bool

    @classmethod
    def of(cls, given: QueryParams, taken: Collection[str], *, may_see_names: bool) -> Parameters:
        """Those that are *given* to a route that takes *taken*.

        :raises PageProblem: naming one that it does not take.
        """
        is_filtered = set(FILTERS) <= set(taken)
        unknown = sorted(
            name for name in set(given) - set(taken) if not (is_filtered and _is_of_people(name))
        )
        if unknown:
            allowed = ", ".join(sorted(taken))
            raise PageProblem(
                400, f"the parameter {shown(unknown[0])} is unknown here", f"use one of: {allowed}"
            )
        return cls(given, may_see_names)

    @property
    def snapshot_date(self) -> str:
        """A day as text, or ``latest``; whether there is such a day the dataset says."""
        return self.given.get("snapshot_date") or LATEST

    def filters(self) -> dict[str, Any]:
        """The filters, as the questions of :mod:`zoho_people.reading` take them; None where all is asked for."""
        return {
            "courses": self._all("course", lambda text: str(Course.parse(text))),
            "entity_types": self._all("entity_type", lambda text: EntityType.parse(text).label),
            "people_with": {**self._people(), **self._due()} or None,
        }

    def _people(self) -> dict[str, list[str]]:
        """By column of the people file the values that are wanted."""
        further = {name.removeprefix(OF_PEOPLE): name for name in self.given if _is_of_people(name)}
        found: dict[str, list[str]] = {}
        for column, name in {**further, **{each: each for each in USUAL}}.items():
            values = self._all(name, _text)
            if values is not None:
                self._refuse_column(name, column)
                found[column] = values
        return found

    def _due(self) -> dict[str, list[str]]:
        """The due dates that are wanted."""
        wanted = {name: self._all(name, partial(read_due, name)) for name in (*DUE_GROUPS, *DUE_RANGE)}
        for name in DUE_RANGE:
            if len(wanted[name] or ()) > 1:
                raise PageProblem(400, f"{name} is there more than once", "name one day")
        return {name: values for name, values in wanted.items() if values}

    def group_by(self) -> str | None:
        """The column of the people or deadlines file by which the answer is grouped.

        :raises PageProblem: where its values may not be told.
        """
        column = self.given.get(GROUP)
        if column:
            self._refuse_column(GROUP, column)
        return column or None

    def course(self) -> Course:
        """The one course of a route that is about one.

        :raises PageProblem: where none is named, or more than one.
        """
        named = self._all("course", Course.parse)
        if named is None or len(named) != 1:
            raise PageProblem(
                400, "this view is about one course", "name it as course=<id> or course=<id>/<batch>"
            )
        return named[0]

    def learner_id(self) -> str:
        """The learner of a route that is about one.

        :raises PageProblem: where nobody is named.
        """
        text = self.given.get("learner_id")
        if not text:
            raise PageProblem(400, "this view is about one learner", "name it as learner_id=<id>")
        return _parsed("learner_id", text, lambda each: parse_learner_id(each, field="learner"))

    def search(self) -> str | None:
        """The text that is searched for, in small letters."""
        text = (self.given.get("q") or "").strip().lower()
        return _parsed("q", text, _text) if text else None

    def sort(self, columns: Sequence[str], default: str) -> tuple[str, bool]:
        """The column that rows are sorted by, and whether downwards.

        :raises PageProblem: where it is none of *columns*, or may not be told.
        """
        text = self.given.get("sort") or default
        name = text.removeprefix("-")
        if name not in columns:
            raise PageProblem(400, f"sort {shown(text)} is no column", f"use one of: {', '.join(columns)}")
        if name in NAMES:
            self._refuse_names("sort")
        return name, text.startswith("-")

    def number(self, name: str, default: int, *, most: int = 10**9) -> int:
        """A whole number from 0 to *most*.

        :raises PageProblem: where it is none.
        """
        text = self.given.get(name) or str(default)
        if not (text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= most):
            raise PageProblem(400, f"{name} {shown(text)} can't be", f"use a whole number from 0 to {most}")
        return int(text)

    def _all(self, name: str, parse: Callable[[str], T]) -> list[T] | None:
        texts = [text for text in self.given.getlist(name) if text]
        if len(texts) > MOST_VALUES:
            raise PageProblem(400, f"{name} is there {len(texts)} times", f"name {MOST_VALUES} at the most")
        return [_parsed(name, text, parse) for text in dict.fromkeys(texts)] or None

    def _refuse_column(self, name: str, column: str) -> None:
        if column not in _OPEN:
            self._refuse_names(name)

    def _refuse_names(self, name: str) -> None:
        if not self.may_see_names:
            raise PageProblem(
                403,
                f"{shown(name)} would tell names, and you may not see names here",
                "leave it out, or ask whoever runs this Airflow ([zoho_people] names_permission)",
            )


def _is_of_people(name: str) -> bool:
    """Whether it filters by a further column of the people file; the others have names of their own."""
    return name.startswith(OF_PEOPLE) and name.removeprefix(OF_PEOPLE) not in FILTERS


def _parsed(name: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise PageProblem(400, f"{name}: {error}", "correct it, or leave it out") from None


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise ValueError(f"{shown(text)} is no text of {LONGEST_TEXT} characters at the most")
    return text
