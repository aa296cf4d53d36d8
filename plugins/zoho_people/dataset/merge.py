"""Which rows of a published file give way to which staged ones.

The file is sorted by learner, so a learner's rows are one stretch of it. A :class:`Cut` is such a stretch and
the staged unit that takes its place; a file is merged by copying what lies between the cuts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.dataset.columns import moment
from zoho_people.dataset.course_file import CourseFile
from zoho_people.dataset.staged_unit import CARRIED_FORWARD, StagedUnit

ReadStaged = Callable[[StagedUnit], pa.Table]


@dataclass(slots=True)
class Cut:
    """Rows *start* to *stop* (exclusive) of the file belong to the staged unit's learner.

    ``latest`` is when the newest of them was fetched, None when there are none.
    """

    staged: StagedUnit
    start: int = -1
    stop: int = -1
    latest: datetime | None = None

    @property
    def published_rows(self) -> int:
        """How many rows the learner has in the file."""
        return self.stop - self.start

    def place(self, start: int, stop: int) -> None:
        """The learner's rows in a further row group (or, when *start* equals *stop*, where they belong)."""
        if self.start < 0 or self.published_rows == 0:
            self.start = start
        self.stop = stop


def find_cuts(staged: Sequence[StagedUnit], file: CourseFile) -> list[Cut]:
    """Where each staged unit belongs in *file*; *staged* and the cuts are sorted by learner."""
    cuts = [Cut(unit) for unit in staged]
    learners = [unit.learner_id for unit in staged]
    placed = 0
    for offset, group in file.groups(["learner_id", "fetched_at"]):
        column = group["learner_id"].chunk(0)
        begin = bisect_left(learners, column[0].as_py())
        end = bisect_right(learners, column[-1].as_py())
        for cut in cuts[placed:begin]:
            cut.place(offset, offset)
        if begin < end:
            stretches = _Stretches.of(group)
            for cut in cuts[begin:end]:
                stretches.place(cut, offset)
        placed = end
    for cut in cuts[placed:]:
        cut.place(file.num_rows, file.num_rows)
    return cuts


@dataclass(frozen=True, slots=True)
class _Stretches:
    """The learners of a row group in their order, where the rows of each end, and when each row was fetched."""

    learners: list[str]
    ends: list[int]
    fetched_at: list[int]

    @classmethod
    def of(cls, group: pa.Table) -> _Stretches:
        runs: Any = pc.call_function("run_end_encode", [group["learner_id"].chunk(0)])
        fetched_at: Any = group["fetched_at"].cast(pa.int64())
        return cls(runs.values.to_pylist(), runs.run_ends.to_pylist(), fetched_at.to_pylist())

    def place(self, cut: Cut, offset: int) -> None:
        """Place *cut* in this row group, whose first row is the file's row *offset*."""
        stretch = bisect_left(self.learners, cut.staged.learner_id)
        low = high = self.ends[stretch - 1] if stretch else 0
        if stretch < len(self.learners) and self.learners[stretch] == cut.staged.learner_id:
            high = self.ends[stretch]
        cut.place(offset + low, offset + high)
        if low < high:
            latest = moment(max(self.fetched_at[low:high]))
            cut.latest = latest if cut.latest is None else max(cut.latest, latest)


def is_news(cut: Cut, file: CourseFile, read: ReadStaged) -> bool:
    """Whether the staged unit changes the file.

    What was fetched last wins: published rows that are newer stay. A unit without rows is news only where
    there are rows to go; one whose rows are published already, to the last value, is none. Rows that are carried
    forward are copies: as many of the same moment are the same.
    """
    if cut.latest is not None and cut.latest > cut.staged.fetched_at:
        return False
    if cut.published_rows != cut.staged.rows or cut.latest != cut.staged.latest:
        return True
    if cut.staged.rows == 0 or cut.staged.outcome == CARRIED_FORWARD:
        return False
    return not pa.concat_tables(file.rows(cut.start, cut.stop)).equals(read(cut.staged))


def merged(cuts: Sequence[Cut], file: CourseFile, read: ReadStaged) -> Iterator[pa.Table]:
    """The rows of *file* with the staged units in the place of the *cuts*."""
    position = 0
    for cut in cuts:
        yield from file.rows(position, cut.start)
        yield read(cut.staged)
        position = cut.stop
    yield from file.rows(position, file.num_rows)
