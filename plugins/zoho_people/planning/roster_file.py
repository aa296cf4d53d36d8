"""A roster that a user brings along: who is in which course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from zoho_people.model.unit import Course
from zoho_people.storage.brought_file import Column, Columns, FileLimits, read_file

ROSTER = Columns(
    "roster file", (Column("course_id"), Column("batch_id", is_optional=True), Column("learner_id"))
)

_DEFAULT = FileLimits()
_PIECE_ROWS = 16_384


class RosterRow(NamedTuple):
    """A learner in a course or batch."""

    course: Course
    learner_id: str


def read_roster(source: Any, limits: FileLimits = _DEFAULT) -> Iterator[RosterRow]:
    """Each row of the roster once, sorted, so that all of a course come together.

    *source* is as for :func:`zoho_people.storage.brought_file.read_file`; the columns are ``course_id``,
    ``learner_id`` and, where there are batches, ``batch_id``, in any order. A row is held in some 60 bytes.

    :raises InvalidBroughtFile: naming line and column of the first value that can't be.
    :raises BroughtFileUnreachable: when it can't be read now.
    """
    return _in_order(read_file(source, ROSTER, limits))


def _in_order(table: pa.Table) -> Iterator[RosterRow]:
    table = table.sort_by([(name, "ascending") for name in ROSTER.names])
    last = RosterRow(Course("0"), "")
    for batch in table.to_batches(max_chunksize=_PIECE_ROWS):
        columns = (batch[name].to_pylist() for name in ROSTER.names)
        for course_id, batch_id, learner_id in zip(*columns, strict=True):
            is_same = (course_id, batch_id) == (last.course.course_id, last.course.batch_id)
            row = RosterRow(last.course if is_same else Course(course_id, batch_id), learner_id)
            if row != last:
                yield row
            last = row
