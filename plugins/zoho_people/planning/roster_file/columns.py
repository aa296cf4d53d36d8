"""The columns of a roster, and the ids in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.rounded_id import ROUNDED, is_scientific
from zoho_people.model.typed_text import folded
from zoho_people.planning.roster_file.errors import InvalidRosterFile

COLUMNS = ("course_id", "batch_id", "learner_id")
SCHEMA = pa.schema([pa.field(name, pa.string()) for name in COLUMNS])
PIECE_ROWS = 16_384
"""So many rows are checked at a time."""

_OPTIONAL = "batch_id"
_ID = "^[0-9]{1,32}$"


class Piece(NamedTuple):
    """Some rows of a roster that follow on each other, as :data:`SCHEMA`; *line_of* tells the line of each."""

    table: pa.Table
    line_of: Callable[[int], int]


def column_of(name: str) -> str | None:
    """The column that is meant by *name*, in any case, with blanks or hyphens for ``_`` or nothing at all."""
    letters = "".join(char for char in folded(name) if char.isalnum())
    return next((column for column in COLUMNS if column.replace("_", "") == letters), None)


def places_of(names: Sequence[str], *, line: int | None) -> dict[str, int]:
    """Where each column is; only the known ones may be there, each once.

    :raises InvalidRosterFile: naming the first that can't be.
    """
    places: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        column = column_of(name)
        if column is None:
            raise InvalidRosterFile(
                f"the name is unknown; allowed: {', '.join(COLUMNS)}", line=line, column=number
            )
        if column in places:
            raise InvalidRosterFile("the column is there twice", line=line, column=column)
        places[column] = number - 1
    for column in COLUMNS:
        if column not in places and column != _OPTIONAL:
            raise InvalidRosterFile("the column is missing", line=line, column=column)
    return places


def checked(values: Mapping[str, Any], line_of: Callable[[int], int]) -> Piece:
    """The rows whose *values* are these Arrow arrays of text; those of a column that is not there are null.

    :raises InvalidRosterFile: naming the first that is no id.
    """
    rows = len(values[COLUMNS[0]])
    arrays = [values[name] if name in values else pa.nulls(rows, pa.string()) for name in COLUMNS]
    first_wrong = {name: _first_wrong(ids, name) for name, ids in zip(COLUMNS, arrays, strict=True)}
    column = min(first_wrong, key=first_wrong.__getitem__)
    place = first_wrong[column]
    if place < rows:
        raise InvalidRosterFile(_why(values[column][place].as_py()), line=line_of(place), column=column)
    return Piece(pa.Table.from_arrays(arrays, schema=SCHEMA), line_of)


def _first_wrong(ids: Any, name: str) -> int:
    """The place of the first that is no id; behind them all where there is none."""
    is_id: Any = pc.fill_null(pc.match_substring_regex(ids, _ID), pa.scalar(value=name == _OPTIONAL))
    place: int = pc.index(is_id, pa.scalar(value=False)).as_py()
    return len(ids) if place < 0 else place


def _why(value: str | None) -> str:
    if value and is_scientific(value):
        return f"the id is in scientific notation: {ROUNDED}"
    return f"{'it is not an id' if value else 'it is empty'}; write Zoho's id as digits"
