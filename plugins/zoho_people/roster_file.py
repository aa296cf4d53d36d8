"""A roster that a user brings along: who is in which course, as CSV or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.core import url_to_fs

from zoho_people.api.unit import Course, id_digits
from zoho_people.dataset.columns import column

COLUMNS = ("course_id", "batch_id", "learner_id")
_OPTIONAL = "batch_id"
_MAGIC = b"PAR1"
_BATCH_ROWS = 50_000

Row = tuple[str, str | None, str]


class InvalidRosterFile(ValueError):
    """The file can't be a roster. ``line`` counts from 1 (of Parquet: the row), ``column`` is its name or number.

    Both are None where it is about the whole file. The message quotes nothing that is in the file.
    """

    def __init__(self, reason: str, *, line: int | None = None, column: str | int | None = None) -> None:
        place = [f"line {line}"] if line is not None else []
        place += [f"column {column}"] if column is not None else []
        super().__init__("roster file: " + ", ".join(place) + (": " if place else "") + reason)
        self.line = line
        self.column = column


def read_roster(source: Any) -> Iterator[tuple[Course, str]]:
    """Each (course or batch, learner id) of the roster once, sorted, so that all of a course come together.

    *source* is a path, a URL that fsspec understands, or a ``UPath`` or Airflow's ``ObjectStoragePath``. CSV is
    UTF-8 with commas and a header; the columns are ``course_id``, ``learner_id`` and, where there are batches,
    ``batch_id``, in any order. Everything is read and checked before the first row comes out, a row held in
    some 60 bytes.

    :raises InvalidRosterFile: naming line and column of the first value that can't be.
    """
    fs, path = (source.fs, source.path) if hasattr(source, "fs") else url_to_fs(str(source))
    try:
        with fs.open(path, "rb") as file:
            is_parquet = file.read(len(_MAGIC)) == _MAGIC
            file.seek(0)
            table = _gathered(_parquet_rows(file) if is_parquet else _csv_rows(file))
    except FileNotFoundError:
        raise InvalidRosterFile("there is no such file; correct roster_file") from None
    if not table.num_rows:
        raise InvalidRosterFile("it has no rows")
    return _in_order(table)


def _csv_rows(file: Any) -> Iterator[Row]:
    reader = csv.reader(_lines(file), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise InvalidRosterFile("it is empty", line=1)
        places = _places([name.strip() for name in header], line=1)
        for fields in reader:
            if any(fields):
                yield _csv_row(fields, places, len(header), line=reader.line_num)
    except csv.Error as error:
        raise InvalidRosterFile(f"it is no CSV: {error}", line=reader.line_num) from None


def _lines(file: Iterable[bytes]) -> Iterator[str]:
    for line, content in enumerate(file, start=1):
        try:
            yield content.decode("utf-8-sig" if line == 1 else "utf-8")
        except UnicodeDecodeError:
            raise InvalidRosterFile("it is not UTF-8", line=line) from None


def _csv_row(fields: list[str], places: dict[str, int], width: int, *, line: int) -> Row:
    if len(fields) != width:
        raise InvalidRosterFile(f"{len(fields)} fields where the header has {width}", line=line)
    return _row(lambda name: fields[places[name]].strip() or None if name in places else None, line)


def _parquet_rows(file: Any) -> Iterator[Row]:
    try:
        with pq.ParquetFile(file) as parquet:
            schema = parquet.schema_arrow
            places = _places(schema.names, line=None)
            for name in places:
                _check_type(name, schema.field(name).type)
            line = 0
            for batch in parquet.iter_batches(_BATCH_ROWS, columns=list(places)):
                values: dict[str, list[Any]] = {name: batch[name].to_pylist() for name in places}
                for row in range(batch.num_rows):
                    line += 1
                    yield _row(_getter(values, row), line)
    except (pa.ArrowException, OSError) as error:
        raise InvalidRosterFile(f"it is no sound Parquet file: {type(error).__name__}") from None


def _getter(values: dict[str, list[Any]], row: int) -> Callable[[str], Any]:
    return lambda name: values[name][row] if name in values else None


def _check_type(name: str, kind: pa.DataType) -> None:
    """Text or integers; a float may be another number already."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_null)
    if not any(is_kind(kind) for is_kind in kinds):
        raise InvalidRosterFile(f"its type is {kind}; write ids as text", column=name)


def _places(names: Sequence[str], *, line: int | None) -> dict[str, int]:
    """Where each column is; only the known ones may be there, each once."""
    for number, name in enumerate(names, start=1):
        if name not in COLUMNS:
            raise InvalidRosterFile(
                f"the name is unknown; allowed: {', '.join(COLUMNS)}", line=line, column=number
            )
        if names.index(name) != number - 1:
            raise InvalidRosterFile("the column is there twice", line=line, column=name)
    for name in COLUMNS:
        if name not in names and name != _OPTIONAL:
            raise InvalidRosterFile("the column is missing", line=line, column=name)
    return {name: number for number, name in enumerate(names)}


def _row(value_of: Callable[[str], Any], line: int) -> Row:
    course_id, batch_id, learner_id = (_id(value_of(name), name, line) for name in COLUMNS)
    return course_id or "", batch_id, learner_id or ""


def _id(value: object, name: str, line: int) -> str | None:
    if value in (None, "") and name == _OPTIONAL:
        return None
    digits = id_digits(value)
    if not digits:
        why = "it is empty" if value in (None, "") else "it is not an id"
        raise InvalidRosterFile(f"{why}; write Zoho's id as digits", line=line, column=name)
    return digits


def _gathered(rows: Iterable[Row]) -> pa.Table:
    """*rows* as a table, an Arrow piece at a time."""
    schema = pa.schema([pa.field(name, pa.string()) for name in COLUMNS])
    pieces, gathered = [schema.empty_table()], list[Row]()
    for row in rows:
        gathered.append(row)
        if len(gathered) == _BATCH_ROWS:
            pieces.append(_piece(gathered, schema))
            gathered = []
    return pa.concat_tables([*pieces, _piece(gathered, schema)])


def _piece(rows: list[Row], schema: pa.Schema) -> pa.Table:
    arrays = [column((row[place] for row in rows), pa.string()) for place in range(len(COLUMNS))]
    return pa.Table.from_arrays(arrays, schema=schema)


def _in_order(table: pa.Table) -> Iterator[tuple[Course, str]]:
    table = table.sort_by([(name, "ascending") for name in COLUMNS])
    before: tuple[Any, ...] = ()
    for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
        for row in zip(*(batch[name].to_pylist() for name in COLUMNS), strict=True):
            if row != before:
                yield Course(row[0], row[1]), row[2]
            before = row
