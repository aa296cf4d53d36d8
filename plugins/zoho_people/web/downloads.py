"""Tables as files that people take away: CSV that no spreadsheet executes, and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ROWS = 1_000


def csv_parts(table: pa.Table) -> Iterator[bytes]:
    """*table* as CSV, part by part."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    text.write(BOM)
    writer.writerow(table.column_names)
    for batch in table.to_batches(max_chunksize=_ROWS):
        yield _taken(text)
        columns = [column.to_pylist() for column in batch.columns]
        writer.writerows([safe(value) for value in row] for row in zip(*columns, strict=True))
    yield _taken(text)


def safe(value: Any) -> Any:
    """*value* as a cell: a text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value


def parquet_parts(table: pa.Table) -> Iterator[bytes]:
    """*table* as Parquet, part by part."""
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    view = content.getbuffer()
    for start in range(0, len(view), 1 << 20):
        yield bytes(view[start : start + (1 << 20)])


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue()
    text.seek(0)
    text.truncate()
    return written.encode()
