"""A whole file that somebody brings along: looked at before it is needed, then read and checked."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from zoho_people.storage.brought_file.columns import Columns, Piece
from zoho_people.storage.brought_file.csv_rows import CsvRows
from zoho_people.storage.brought_file.errors import BroughtFileUnreachable, InvalidBroughtFile
from zoho_people.storage.brought_file.kind import HEAD_BYTES, PARQUET, why_not
from zoho_people.storage.brought_file.limits import FileLimits
from zoho_people.storage.brought_file.parquet_rows import ParquetRows
from zoho_people.storage.brought_file.rounding import RoundedIds
from zoho_people.storage.brought_file.source import Part, parts_of

log = logging.getLogger(__name__)

_DEFAULT = FileLimits()


def check_file(source: Any, columns: Columns, limits: FileLimits = _DEFAULT) -> None:
    """Look at the file at *source*: that it is there, what it is, its size and its columns; not at its rows.

    :raises InvalidBroughtFile: when it can't be one.
    :raises BroughtFileUnreachable: when it can't be read now.
    """
    with _labelled(columns.label):
        for part in _sized(parts_of(source), limits):
            with _told(part), part.opened() as file:
                _rows(file, columns, limits)


def read_file(source: Any, columns: Columns, limits: FileLimits = _DEFAULT) -> pa.Table:
    """The rows of the file at *source*, all as text: the known columns first, null where the file has them not.

    *source* is a path, a URL that fsspec understands, or a ``UPath`` or Airflow's ``ObjectStoragePath``; of a file
    or of a folder of files. CSV is UTF-8 with a header. Everything is read and checked before anything comes out.

    :raises InvalidBroughtFile: naming line and column of the first value that can't be.
    :raises BroughtFileUnreachable: when it can't be read now.
    """
    with _labelled(columns.label):
        rounded = RoundedIds(columns)
        parts = _sized(parts_of(source), limits)
        pieces = [columns.empty_table(), *_pieces(parts, columns, limits, rounded)]
        table = pa.concat_tables(pieces, promote_options="default")
        if not table.num_rows:
            raise InvalidBroughtFile("it has no rows")
        for warning in rounded.judged(table):
            log.warning("%s: %s", columns.label, warning)
    return table


@contextmanager
def _labelled(label: str) -> Iterator[None]:
    """What is wrong with a file is told by what it is called."""
    try:
        yield
    except (InvalidBroughtFile, BroughtFileUnreachable) as error:
        error.label = label
        raise


def _sized(parts: list[Part], limits: FileLimits) -> list[Part]:
    limits.check_bytes(sum(part.size or 0 for part in parts))
    return parts


def _pieces(
    parts: Iterable[Part], columns: Columns, limits: FileLimits, rounded: RoundedIds
) -> Iterator[pa.Table]:
    count = 0
    for part in parts:
        with _told(part), part.opened() as file:
            for piece in _rows(file, columns, limits):
                count += piece.table.num_rows
                limits.check_rows(count)
                rounded.see(piece, part.name)
                yield piece.table


def _rows(file: Any, columns: Columns, limits: FileLimits) -> Iterable[Piece]:
    head = file.read(HEAD_BYTES) or b""
    file.seek(0)
    why = why_not(head)
    if why:
        raise InvalidBroughtFile(why)
    if not head:
        raise InvalidBroughtFile("it is empty", line=1)
    rows = ParquetRows if head.startswith(PARQUET) else CsvRows
    return rows(file, columns, limits)


@contextmanager
def _told(part: Part) -> Iterator[None]:
    """What is wrong with a file of a folder is told with its name."""
    try:
        yield
    except InvalidBroughtFile as error:
        error.part = error.part or part.name
        raise
