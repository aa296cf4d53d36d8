"""A whole roster: looked at before a run, read and checked for its plan."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pyarrow as pa

from zoho_people.model.unit import Course
from zoho_people.planning.roster_file.columns import COLUMNS, PIECE_ROWS, SCHEMA, Piece
from zoho_people.planning.roster_file.csv_rows import CsvRows
from zoho_people.planning.roster_file.errors import InvalidRosterFile
from zoho_people.planning.roster_file.kind import HEAD_BYTES, PARQUET, why_no_roster
from zoho_people.planning.roster_file.limits import RosterLimits
from zoho_people.planning.roster_file.parquet_rows import ParquetRows
from zoho_people.planning.roster_file.rounding import RoundedIds
from zoho_people.planning.roster_file.source import Part, parts_of

log = logging.getLogger(__name__)

_DEFAULT = RosterLimits()


class RosterRow(NamedTuple):
    """A learner in a course or batch."""

    course: Course
    learner_id: str


def check_roster(source: Any, limits: RosterLimits) -> None:
    """Look at the roster at *source*: that it is there, what it is, its size and its columns; not at its rows.

    :raises InvalidRosterFile: when it can't be a roster.
    :raises RosterFileUnreachable: when it can't be read now.
    """
    for part in _sized(parts_of(source), limits):
        with _told(part), part.opened() as file:
            _rows(file, limits)


def read_roster(source: Any, limits: RosterLimits = _DEFAULT) -> Iterator[RosterRow]:
    """Each row of the roster once, sorted, so that all of a course come together.

    *source* is a path, a URL that fsspec understands, or a ``UPath`` or Airflow's ``ObjectStoragePath``; of a file
    or of a folder of files. CSV is UTF-8 with a header; the columns are ``course_id``, ``learner_id`` and, where
    there are batches, ``batch_id``, in any order. Everything is read and checked before the first row comes out, a
    row held in some 60 bytes.

    :raises InvalidRosterFile: naming line and column of the first value that can't be.
    :raises RosterFileUnreachable: when it can't be read now.
    """
    rounded = RoundedIds()
    parts = _sized(parts_of(source), limits)
    table = pa.concat_tables([SCHEMA.empty_table(), *_pieces(parts, limits, rounded)])
    if not table.num_rows:
        raise InvalidRosterFile("it has no rows")
    for warning in rounded.judged(table):
        log.warning(warning)
    return _in_order(table)


def _sized(parts: list[Part], limits: RosterLimits) -> list[Part]:
    limits.check_bytes(sum(part.size or 0 for part in parts))
    return parts


def _pieces(parts: Iterable[Part], limits: RosterLimits, rounded: RoundedIds) -> Iterator[pa.Table]:
    count = 0
    for part in parts:
        with _told(part), part.opened() as file:
            for piece in _rows(file, limits):
                count += piece.table.num_rows
                limits.check_rows(count)
                rounded.see(piece, part.name)
                yield piece.table


def _rows(file: Any, limits: RosterLimits) -> Iterable[Piece]:
    head = file.read(HEAD_BYTES) or b""
    file.seek(0)
    why = why_no_roster(head)
    if why:
        raise InvalidRosterFile(why)
    if not head:
        raise InvalidRosterFile("it is empty", line=1)
    return ParquetRows(file, limits) if head.startswith(PARQUET) else CsvRows(file, limits)


@contextmanager
def _told(part: Part) -> Iterator[None]:
    """What is wrong with a file of a folder is told with its name."""
    try:
        yield
    except InvalidRosterFile as error:
        if part.name is None or error.part is not None:
            raise
        raise error.in_part(part.name) from None


def _in_order(table: pa.Table) -> Iterator[RosterRow]:
    table = table.sort_by([(name, "ascending") for name in COLUMNS])
    last = RosterRow(Course("0"), "")
    for batch in table.to_batches(max_chunksize=PIECE_ROWS):
        columns = (batch[name].to_pylist() for name in COLUMNS)
        for course_id, batch_id, learner_id in zip(*columns, strict=True):
            is_same = (course_id, batch_id) == (last.course.course_id, last.course.batch_id)
            row = RosterRow(last.course if is_same else Course(course_id, batch_id), learner_id)
            if row != last:
                yield row
            last = row
