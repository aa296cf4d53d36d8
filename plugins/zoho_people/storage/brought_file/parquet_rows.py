"""The rows of a file in Parquet: text of any kind, ids also as integers, days also as dates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.storage.brought_file.columns import PIECE_ROWS, Columns, Kind, Piece
from zoho_people.storage.brought_file.errors import InvalidBroughtFile
from zoho_people.storage.brought_file.limits import FileLimits

_LONGEST_VALUE = 64
"""Bytes of a value that may still be an id: with blanks or a sign it is refused by its row."""

_LONGEST_TEXT = 1_024
"""Bytes of a name or any other text."""


class ParquetRows:
    """The rows of *file*, once its columns and its size are checked.

    What it has of each value is read once, however many rows say it: a small file may unpack to a large one.

    :raises InvalidBroughtFile: when it is none; while it is iterated, by the first row that can't be.
    """

    def __init__(self, file: IO[Any], columns: Columns, limits: FileLimits) -> None:
        self._file = file
        self._columns = columns
        try:
            with pq.ParquetFile(file) as parquet:
                self._places = _places(parquet.schema_arrow, columns)
                limits.check_rows(parquet.metadata.num_rows)
                limits.check_bytes(_unpacked(parquet.metadata, self._places), what="unpacked it has")
        except (pa.ArrowException, OSError) as error:
            raise _unsound(error) from None

    def __iter__(self) -> Iterator[Piece]:
        self._file.seek(0)
        names = list(self._places.values())
        try:
            with pq.ParquetFile(self._file, read_dictionary=names, pre_buffer=False) as parquet:
                first = 1
                for batch in parquet.iter_batches(PIECE_ROWS, columns=names, use_threads=False):
                    values = {name: self._texts(batch[place], name) for name, place in self._places.items()}
                    yield self._columns.checked(values, range(first, first + batch.num_rows).__getitem__)
                    first += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise _unsound(error) from None

    def _texts(self, array: Any, column: str) -> Any:
        """*array* as text, once no value is so long that all of them together would be too much."""
        is_dictionary = pa.types.is_dictionary(array.type)
        words = array.dictionary if is_dictionary else array
        kind = self._columns.named(column).kind
        most = _LONGEST_TEXT if kind is Kind.TEXT else _LONGEST_VALUE
        if _is_text(words.type):
            lengths: Any = pc.binary_length(words.cast(pa.large_binary()))
            longest: Any = pc.max(lengths)
            if (longest.as_py() or 0) > most:
                raise InvalidBroughtFile(
                    f"a value is longer than {most} bytes; {kind.value.cure or 'shorten it'}", column=column
                )
        if pa.types.is_timestamp(words.type):
            words = array = array.cast(pa.date32())
        texts: Any = (array.dictionary_decode() if is_dictionary else array).cast(pa.string())
        return pc.if_else(pc.equal(texts, pa.scalar("")), pa.scalar(None, pa.string()), texts)


def _places(schema: pa.Schema, columns: Columns) -> dict[str, str]:
    """The name in the file of each column; those of a pandas index are none unless they are known."""
    index = _pandas_index(schema)
    names = [name for name in schema.names if columns.column_of(name) is not None or name not in index]
    places = {column: names[place] for column, place in columns.places_of(names, line=None).items()}
    for column, name in places.items():
        _check_type(column, schema.field(name).type, columns.named(column).kind)
    return places


def _pandas_index(schema: pa.Schema) -> set[str]:
    """The columns in which pandas keeps a frame's index: those that it names, and those that it names itself."""
    found = {name for name in schema.names if name.startswith("__index_level_")}
    try:
        told = json.loads((schema.metadata or {}).get(b"pandas", b"{}")).get("index_columns", [])
    except (ValueError, AttributeError):
        return found
    return found | {name for name in told if isinstance(name, str)}


def _check_type(column: str, found: pa.DataType, kind: Kind) -> None:
    """Text, or what is the same in each program; a float may be another number already."""
    found = found.value_type if pa.types.is_dictionary(found) else found
    is_right = _is_text(found) or pa.types.is_null(found)
    if kind is Kind.DAY:
        is_right = is_right or pa.types.is_date(found) or pa.types.is_timestamp(found)
    elif kind is Kind.TEXT:
        is_right = is_right or pa.types.is_primitive(found)
    else:
        is_right = is_right or pa.types.is_integer(found)
    if not is_right:
        raise InvalidBroughtFile(f"its type is {found}; write {_words(kind)} as text", column=column)


def _words(kind: Kind) -> str:
    return {Kind.DAY: "days", Kind.COUNT: "numbers", Kind.TEXT: "it"}.get(kind, "ids")


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def _unpacked(metadata: pq.FileMetaData, places: dict[str, str]) -> int:
    """How many bytes the roster's columns have unpacked, by the file's own account."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    chunks = [group.column(number) for group in groups for number in range(group.num_columns)]
    wanted = set(places.values())
    return sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in wanted)


def _unsound(error: Exception) -> InvalidBroughtFile:
    return InvalidBroughtFile(f"it is no sound Parquet file ({type(error).__name__}); write it anew")
