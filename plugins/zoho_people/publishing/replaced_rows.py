"""Which rows of a published file give way to which staged ones; a file is merged by copying what lies between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from zoho_people.model.outcome import Outcome
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.publishing.course_file import CourseFile
from zoho_people.publishing.row_ranges import Stretch


@dataclass(frozen=True, slots=True)
class Cut:
    """A *stretch* of the file that belongs to the staged unit's learner; what *read* reads takes its place."""

    staged: StagedUnit
    stretch: Stretch
    read: Callable[[], pa.Table]


def is_there(staged: StagedUnit, stretch: Stretch) -> bool:
    """Whether the *stretch* has the rows that the carried unit is about, or newer ones."""
    is_newer = stretch.latest is not None and stretch.latest > staged.fetched_at
    return is_newer or stretch.rows == staged.rows


def is_news(cut: Cut, file: CourseFile) -> bool:
    """Whether the staged unit changes the file.

    What was fetched last wins: published rows that are newer stay. A unit without rows is news only where
    there are rows to go; one whose rows are published already, to the last value, is none. Rows that are carried
    forward are copies: as many of the same moment are the same.
    """
    staged, stretch = cut.staged, cut.stretch
    if stretch.latest is not None and stretch.latest > staged.fetched_at:
        return False
    if stretch.rows != staged.rows or stretch.latest != staged.latest:
        return True
    if staged.rows == 0 or staged.outcome == Outcome.CARRIED_FORWARD:
        return False
    return not pa.concat_tables(file.rows(stretch.start, stretch.stop)).equals(cut.read())


def merged(cuts: Iterable[Cut], file: CourseFile) -> Iterator[pa.Table]:
    """The rows of *file* with what is staged in the place of the *cuts*, which come in the file's order."""
    position = 0
    for cut in cuts:
        yield from file.rows(position, cut.stretch.start)
        yield cut.read()
        position = cut.stretch.stop
    yield from file.rows(position, file.num_rows)
