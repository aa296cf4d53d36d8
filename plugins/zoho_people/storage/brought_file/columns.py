"""The columns of a file that a user brings along, and what may stand in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.rounded_id import ROUNDED, is_scientific
from zoho_people.model.typed_text import folded
from zoho_people.storage.brought_file.errors import InvalidBroughtFile

PIECE_ROWS = 16_384
"""So many rows are checked at a time."""


class Allowed(NamedTuple):
    """A *pattern*, empty where a value may be anything, and the *cure* for a value that is something else."""

    pattern: str = ""
    cure: str = ""


class Kind(Enum):
    """What a value may be."""

    ID = Allowed(pattern="^[0-9]{1,32}$", cure="write Zoho's id as digits")
    LEARNER = Allowed(
        pattern="^([0-9]{1,32}|[0-9]{39})$", cure="write Zoho's id as digits, or the dataset's pseudonym"
    )
    DAY = Allowed(pattern="^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", cure="write YYYY-MM-DD")
    COUNT = Allowed(pattern="^[0-9]{1,5}$", cure="write a whole number of at most five digits")
    TEXT = Allowed()

    @property
    def is_id(self) -> bool:
        """Whether a spreadsheet may have rounded it."""
        return self in (Kind.ID, Kind.LEARNER)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; an optional one may lack values, or be missing."""

    name: str
    kind: Kind = Kind.ID
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of file, which errors call *label*.

    *one_of* are optional ones of which each row needs one at least. Where the file *has_others*, further columns
    may be there, of any text.
    """

    label: str
    columns: tuple[Column, ...]
    one_of: tuple[str, ...] = ()
    has_others: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those that are known."""
        return tuple(column.name for column in self.columns)

    @property
    def allowed(self) -> str:
        """The known names as a message has them."""
        return ", ".join(self.names)

    def named(self, name: str) -> Column:
        """The column called *name*: one of those that are known, or else text."""
        return next(
            (each for each in self.columns if each.name == name), Column(name, Kind.TEXT, is_optional=True)
        )

    def column_of(self, name: str) -> str | None:
        """The known column that *name* means, in any case, with blanks or hyphens for ``_`` or nothing at all."""
        letters = "".join(char for char in folded(name) if char.isalnum())
        return next((known for known in self.names if known.replace("_", "") == letters), None)

    def places_of(self, names: Sequence[str], *, line: int | None) -> dict[str, int]:
        """Where each column is; each once, and others only where there may be some.

        :raises InvalidBroughtFile: naming the first that can't be.
        """
        places: dict[str, int] = {}
        for number, name in enumerate(names, start=1):
            column = self.column_of(name) or (_other(name) if self.has_others else "")
            if not column:
                raise InvalidBroughtFile(
                    f"the name is {'empty' if self.has_others else 'unknown'}; allowed: {self.allowed}",
                    line=line,
                    column=number,
                )
            if column in places:
                raise InvalidBroughtFile("the column is there twice", line=line, column=column)
            places[column] = number - 1
        self._check_missing(places, line)
        return places

    def _check_missing(self, places: Mapping[str, int], line: int | None) -> None:
        for column in self.columns:
            if column.name not in places and not column.is_optional:
                raise InvalidBroughtFile("the column is missing", line=line, column=column.name)
        if self.one_of and not any(name in places for name in self.one_of):
            raise InvalidBroughtFile(f"there is none of the columns {', '.join(self.one_of)}", line=line)

    def checked(self, values: Mapping[str, Any], line_of: Callable[[int], int]) -> Piece:
        """The rows whose *values* are these Arrow arrays of text; null where a known column is not there.

        :raises InvalidBroughtFile: naming the first that can't be.
        """
        rows = len(next(iter(values.values())))
        names = [*self.names, *(name for name in values if name not in self.names)]
        arrays = [values[name] if name in values else pa.nulls(rows, pa.string()) for name in names]
        table = pa.Table.from_arrays(arrays, names=names)
        wrong = {name: _first_wrong(table[name], self.named(name)) for name in names}
        name = min(names, key=wrong.__getitem__)
        place = wrong[name]
        if place < rows:
            why = _why(table[name][place].as_py(), self.named(name))
            raise InvalidBroughtFile(why, line=line_of(place), column=name)
        self._check_one_of(table, line_of)
        return Piece(table, line_of)

    def _check_one_of(self, table: pa.Table, line_of: Callable[[int], int]) -> None:
        if not self.one_of:
            return
        some: Any = pc.is_valid(pc.coalesce(*(table[name] for name in self.one_of)))
        place: int = pc.index(some, pa.scalar(value=False)).as_py()
        if place >= 0:
            raise InvalidBroughtFile(f"the row has none of {', '.join(self.one_of)}", line=line_of(place))

    def empty_table(self) -> pa.Table:
        """No rows, with the known columns."""
        return pa.schema([pa.field(name, pa.string()) for name in self.names]).empty_table()


class Piece(NamedTuple):
    """Some rows that follow on each other, all as text; *line_of* tells the line of each."""

    table: pa.Table
    line_of: Callable[[int], int]


def _other(name: str) -> str:
    """The name of a column that is not known: letters and digits in lower case, ``_`` for all else."""
    return "_".join("".join(char if char.isalnum() else " " for char in folded(name)).split())[:64]


def _first_wrong(values: Any, column: Column) -> int:
    """The place of the first that can't be; behind them all where there is none."""
    if not column.kind.value.pattern:
        return len(values)
    matches: Any = pc.match_substring_regex(values, column.kind.value.pattern)
    if column.kind is Kind.DAY:
        matches = pc.and_(matches, pc.invert(pc.is_in(values, _no_days(values))))
    is_right: Any = pc.fill_null(matches, pa.scalar(value=column.is_optional))
    place: int = pc.index(is_right, pa.scalar(value=False)).as_py()
    return len(values) if place < 0 else place


def _no_days(values: Any) -> Any:
    """Those of *values* that no calendar has, such as ``2026-02-31``."""
    return pa.array([text for text in values.unique().to_pylist() if not _is_day(text)], pa.string())


def _is_day(text: str | None) -> bool:
    try:
        return text is None or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _why(value: str | None, column: Column) -> str:
    if value and column.kind.is_id and is_scientific(value):
        return f"the id is in scientific notation: {ROUNDED}"
    if not value:
        return f"it is empty; {column.kind.value.cure}"
    return f"it is {'not an id' if column.kind.is_id else 'something else'}; {column.kind.value.cure}"
