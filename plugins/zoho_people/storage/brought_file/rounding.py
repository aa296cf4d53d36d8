"""Which of a file's ids look as if a spreadsheet had rounded them, and whether that can be chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.rounded_id import PATTERN, ROUNDED, Suspicion
from zoho_people.storage.brought_file.columns import Columns, Piece
from zoho_people.storage.brought_file.errors import InvalidBroughtFile


class RoundedIds:
    """Sees the pieces on their way in, and judges all of them in the end."""

    def __init__(self, columns: Columns) -> None:
        self._names = [column.name for column in columns.columns if column.kind.is_id]
        self._first: dict[str, tuple[int, str | None]] = {}

    def see(self, piece: Piece, part: str | None) -> None:
        """Remember where the first such id of each column is."""
        for name in self._names:
            if name not in self._first and (place := _first_rounded(piece.table[name])) >= 0:
                self._first[name] = (piece.line_of(place), part)

    def judged(self, table: pa.Table) -> Iterator[str]:
        """A warning for each column of *table* that has such ids, as many as chance may bring.

        :raises InvalidBroughtFile: when a column has more.
        """
        for name, (line, part) in self._first.items():
            suspicion = _suspicion(table[name])
            if suspicion.is_no_chance:
                raise InvalidBroughtFile(f"{suspicion}: {ROUNDED}", line=line, column=name, part=part)
            yield f"line {line}, column {name}: {suspicion}. It may be chance, so they are taken"


def _first_rounded(ids: Any) -> int:
    place: int = pc.index(pc.match_substring_regex(ids, PATTERN), pa.scalar(value=True)).as_py()
    return place


def _suspicion(values: Any) -> Suspicion:
    """Of the different ids in a column."""
    ids: Any = pc.drop_null(pc.unique(values))
    lengths = {each["values"]: each["counts"] for each in pc.utf8_length(ids).value_counts().to_pylist()}
    rounded: int = pc.sum(pc.match_substring_regex(ids, PATTERN)).as_py() or 0
    return Suspicion(rounded, lengths)
