"""Where a learner's rows are in a published file: one range, since the file is sorted by learner.

A file is merged by copying what lies between the ranges that give way to staged rows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.outcome import Outcome
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.publishing.course_file import CourseFile
from zoho_people.storage.arrow_columns import moment


class RowRange(NamedTuple):
    """Rows *start* to *stop* (exclusive) of a file, or (where they are the same) where a learner's would be.

    ``latest`` is when the newest of them was fetched, None when there are none.
    """

    start: int
    stop: int
    latest: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.stop - self.start


class RowRanges:
    """Looks up learners who are asked for in the order of their ids; holds one row group's columns.

    Every method raises DamagedFile where the file can't be read.
    """

    def __init__(self, file: CourseFile) -> None:
        self._end = file.num_rows
        self._groups = (_Group(first, table) for first, table in file.groups(["learner_id", "fetched_at"]))
        self._group = next(self._groups, None)

    def find(self, learner_id: str) -> RowRange:
        """The rows of *learner_id*."""
        group = self._until(learner_id)
        if group is None:
            return RowRange(self._end, self._end)
        start, stop, latest = group.find(learner_id)
        while start < stop == group.stop:  # it may go on in the next row group
            group = self._group = next(self._groups, None)
            if group is None or group.first_learner != learner_id:
                break
            _, stop, more = group.find(learner_id)
            latest = max(latest, more) if latest and more else latest or more
        return RowRange(start, stop, latest)

    def check(self) -> None:
        """Go through what is left of the file, to see that it can be read."""
        for _ in self._groups:
            pass

    def _until(self, learner_id: str) -> _Group | None:
        """The first row group that doesn't end before *learner_id*."""
        while self._group is not None and self._group.last_learner < learner_id:
            self._group = next(self._groups, None)
        return self._group


class _Learners(NamedTuple):
    """The learners of a row group in their order, where the rows of each end, and when each row was fetched."""

    ids: list[str]
    ends: list[int]
    fetched_at: list[int]


@dataclass
class _Group:
    """A row group whose first row is the file's row *offset*."""

    offset: int
    table: pa.Table

    @property
    def stop(self) -> int:
        """Where it ends in the file."""
        return self.offset + self.table.num_rows

    @cached_property
    def first_learner(self) -> str:
        return str(self.table["learner_id"][0])

    @cached_property
    def last_learner(self) -> str:
        return str(self.table["learner_id"][-1])

    @cached_property
    def _learners(self) -> _Learners:
        runs: Any = pc.call_function("run_end_encode", [self.table["learner_id"].chunk(0)])
        fetched_at: Any = self.table["fetched_at"].cast(pa.int64())
        return _Learners(runs.values.to_pylist(), runs.run_ends.to_pylist(), fetched_at.to_pylist())

    def find(self, learner_id: str) -> RowRange:
        """The learner's rows in this row group."""
        ids, ends, fetched_at = self._learners
        place = bisect_left(ids, learner_id)
        low = high = ends[place - 1] if place else 0
        if place < len(ids) and ids[place] == learner_id:
            high = ends[place]
        latest = moment(max(fetched_at[low:high])) if low < high else None
        return RowRange(self.offset + low, self.offset + high, latest)


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows of a learner in a file, at *row_range*; what *read* returns takes their place."""

    staged: StagedUnit
    row_range: RowRange
    read: Callable[[], pa.Table]


def is_there(staged: StagedUnit, row_range: RowRange) -> bool:
    """Whether the carried unit's rows, or newer ones, are at *row_range*."""
    is_newer = row_range.latest is not None and row_range.latest > staged.fetched_at
    return is_newer or row_range.rows == staged.rows


def is_news(cut: Cut, file: CourseFile) -> bool:
    """Whether the staged unit changes the file.

    What was fetched last wins: published rows that are newer stay. A unit without rows is news only where
    there are rows to go; one whose rows are published already, to the last value, is none. Rows that are carried
    forward are copies: as many of the same moment are the same.
    """
    staged, row_range = cut.staged, cut.row_range
    if row_range.latest is not None and row_range.latest > staged.fetched_at:
        return False
    if row_range.rows != staged.rows or row_range.latest != staged.latest:
        return True
    if staged.rows == 0 or staged.outcome == Outcome.CARRIED_FORWARD:
        return False
    return not pa.concat_tables(file.rows(row_range.start, row_range.stop)).equals(cut.read())


def merged(cuts: Iterable[Cut], file: CourseFile) -> Iterator[pa.Table]:
    """The rows of *file* with what is staged in the place of the *cuts*, which come in the file's order."""
    position = 0
    for cut in cuts:
        yield from file.rows(position, cut.row_range.start)
        yield cut.read()
        position = cut.row_range.stop
    yield from file.rows(position, file.num_rows)
