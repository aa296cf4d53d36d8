"""The rows of a file in CSV: UTF-8, with commas, semicolons or tabs, as spreadsheets of any country write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import pyarrow as pa

from zoho_people.storage.arrow_columns import column
from zoho_people.storage.brought_file.columns import PIECE_ROWS, Columns, Piece
from zoho_people.storage.brought_file.errors import InvalidBroughtFile
from zoho_people.storage.brought_file.limits import MAX_LINE_BYTES, FileLimits

_BUFFER_BYTES = 65_536
_DELIMITERS = (",", ";", "\t")
_DELIMITER_LINE = "sep="
"""How a first line begins that tells Excel the delimiter, and is no row."""


class CsvRows:
    """The rows of *file*, once the header is read and checked.

    :raises InvalidBroughtFile: when there is no sound header; when iterated, by the first line that can't be.
    """

    def __init__(self, file: Any, columns: Columns, limits: FileLimits) -> None:
        self._columns = columns
        lines = _lines(file, limits)
        first = next(lines, "")
        delimiter = _told_delimiter(first)
        self._lines_before = 0 if delimiter is None else 1
        header = first if delimiter is None else next(lines, "")
        delimiter = delimiter or max(_DELIMITERS, key=lambda each: _known_names(columns, header, each))
        self._reader = csv.reader(chain([header], lines), delimiter=delimiter, strict=True)
        names = self._next() or []
        if not names:
            raise InvalidBroughtFile(f"it has no header; allowed: {columns.allowed}", line=self._line)
        self._places = columns.places_of([name.strip() for name in names], line=self._line)
        self._width = len(names)

    def __iter__(self) -> Iterator[Piece]:
        rest = self._fields()
        while some := list(islice(rest, PIECE_ROWS)):
            lines = [line for line, _ in some]
            yield self._columns.checked(
                {
                    name: column((fields[place].strip() or None for _, fields in some), pa.string())
                    for name, place in self._places.items()
                },
                lines.__getitem__,
            )

    def _fields(self) -> Iterator[tuple[int, list[str]]]:
        """The line and the fields of each row."""
        while (fields := self._next()) is not None:
            if len(fields) != self._width and any(fields):
                raise InvalidBroughtFile(
                    f"{len(fields)} fields where the header has {self._width}", line=self._line
                )
            if any(fields):
                yield self._line, fields

    @property
    def _line(self) -> int:
        return max(1, self._reader.line_num) + self._lines_before

    def _next(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as error:
            raise InvalidBroughtFile(f"it is no CSV: {error}", line=self._line) from None


def _lines(file: Any, limits: FileLimits) -> Iterator[str]:
    reader = io.BufferedReader(file, _BUFFER_BYTES)
    size = 0
    for line, content in enumerate(iter(lambda: reader.readline(MAX_LINE_BYTES + 1), b""), start=1):
        size += len(content)
        limits.check_bytes(size, what="it has more than")
        if len(content) > MAX_LINE_BYTES:
            raise InvalidBroughtFile(
                f"the line is longer than {MAX_LINE_BYTES} bytes, as no row is; check that it is CSV",
                line=line,
            )
        try:
            yield content.decode("utf-8-sig" if line == 1 else "utf-8")
        except UnicodeDecodeError:
            raise InvalidBroughtFile(
                "it is not UTF-8 (it may be Latin-1 or Windows-1252); save it as UTF-8 (in a spreadsheet: 'CSV "
                "UTF-8')",
                line=line,
            ) from None


def _told_delimiter(first: str) -> str | None:
    text = first.rstrip("\r\n").strip('"')
    is_told = text[: len(_DELIMITER_LINE)].casefold() == _DELIMITER_LINE
    if not is_told:
        return None
    delimiter = text[len(_DELIMITER_LINE) :].rstrip(" ")
    if len(delimiter) != 1 or delimiter.isalnum() or delimiter == '"':
        raise InvalidBroughtFile(
            "sep= names no delimiter; write sep=, or sep=; or leave the line out", line=1
        )
    return delimiter


def _known_names(columns: Columns, header: str, delimiter: str) -> int:
    return sum(columns.column_of(name.strip('" ')) is not None for name in header.strip().split(delimiter))
