"""What a request looks at: the tables of one source as of one snapshot, with the request's filters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from zoho_people.model.unit import Course
from zoho_people.reading.opened import OpenDataset
from zoho_people.reading.questions import Facts, Question
from zoho_people.web.rows import Row
from zoho_people.web.source import State

_SQL = Path(__file__).with_name("sql")
_MOST_KEPT = 20_000
"""Rows of all answers that are kept together, some 10 MB."""

_FROM_FIRST_DAY = "SELECT 1 FROM deadlines WHERE due_days IS NOT NULL LIMIT 1"


class Answers:
    """The answers to what was asked lately, of files that are the same."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: OrderedDict[str, list[Row]] = OrderedDict()

    def get(self, key: str) -> list[Row] | None:
        """The rows of the answer, None where it is not kept."""
        with self._lock:
            rows = self._rows.get(key)
            if rows is not None:
                self._rows.move_to_end(key)
            return rows

    def put(self, key: str, rows: list[Row]) -> None:
        """Keep the answer, unless it is large, in the place of those that nobody has asked for lately."""
        if len(rows) > _MOST_KEPT // 10:
            return
        with self._lock:
            self._rows[key] = rows
            # An answer without rows takes its place, too.
            while sum(len(each) + 1 for each in self._rows.values()) > _MOST_KEPT:
                self._rows.popitem(last=False)


@dataclass(frozen=True)
class View:
    """The tables as of *day*, from the files of *state*.

    From *since* on all days are counted; *pending_days* is the number of days that are not yet.
    """

    opened: OpenDataset
    state: State
    day: date
    since: date
    pending_days: int
    warnings: tuple[str, ...] = ()
    answers: Answers = field(default_factory=Answers)

    @property
    def previous_day(self) -> date | None:
        """The snapshot before."""
        return next((each for each in self.state.snapshots if each < self.day), None)

    @property
    def courses_known(self) -> tuple[int, int]:
        """How many of the previous snapshot's courses have progress in this one, and how many that one has."""
        if self.previous_day is None:
            return 0, 0
        before = self.state.course_files(self.previous_day)
        return len(before & self.state.course_files(self.day)), len(before)

    @property
    def facts(self) -> Facts:
        """What there is to ask about."""
        return replace(self.opened.facts, partial_days=lambda: self.state.partial_days)

    @property
    def lacks_due_dates(self) -> bool:
        """Whether due dates count from a learner's first day, and that may be a day that is not counted yet."""
        return self.pending_days > 0 and bool(self.sql(_FROM_FIRST_DAY, {}))

    def narrowed(self, courses: Sequence[Course]) -> View:
        """The same for questions about *courses* alone: no file of another one is opened."""
        files = self.state.files_of_courses(self.day, courses)
        return replace(self, opened=self.opened.cursor(files=files))

    def run(
        self, question: str, filters: Mapping[str, Any], *, columns: Sequence[str] = ("*",), **more: Any
    ) -> list[Row]:
        """The *columns* of the rows that answer *question*, one of :mod:`zoho_people.reading`'s.

        What only other columns need is not computed.
        """
        given = {"snapshot_date": self.day, **filters, **more}
        statement, parameters = Question.named(question).prepared(given, self.facts)
        return self.sql(f"SELECT {', '.join(columns)} FROM ({statement})", parameters)  # noqa: S608

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows of *query*, which are not kept."""
        found: list[Row] = self.opened.sql(query, parameters).to_pylist()
        return found

    def sql(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows of *query*, kept for whoever asks the same."""
        key = f"{query} {sorted(parameters.items())}"
        rows = self.answers.get(key)
        if rows is None:
            rows = self.rows(query, parameters)
            self.answers.put(key, rows)
        return rows


@cache
def page_sql(name: str) -> str:
    """The query *name* of the page's own."""
    return (_SQL / f"{name}.sql").read_text("utf-8")
