"""Which rows of a published file give way to which staged ones; a file is merged by copying what lies between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from zoho_people.model.outcome import Outcome
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.publishing.course_file import CourseFile
from zoho_people.publishing.row_ranges import RowRange


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
