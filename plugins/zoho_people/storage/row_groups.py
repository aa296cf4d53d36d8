"""Row groups: small tables gathered into them, and which of them are worth reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The least and the greatest value of a column in a row group; None where the file does not tell."""

    least: Any = None
    greatest: Any = None

    @property
    def is_one_value(self) -> bool:
        """Whether all values are known to be the same."""
        return self.least is not None and self.least == self.greatest

    def may_have(self, value: Any) -> bool:
        """Whether *value* may be there."""
        return self.least is None or self.least <= value <= self.greatest


def value_ranges(file: pq.ParquetFile, column: str) -> Iterator[ValueRange]:
    """What *column* has in each row group of *file*, by its statistics."""
    place = [file.schema.column(number).path for number in range(len(file.schema))].index(column)
    for number in range(file.num_row_groups):
        known: Any = file.metadata.row_group(number).column(place).statistics
        yield ValueRange(known.min, known.max) if known is not None and known.has_min_max else ValueRange()


class RowGroups:
    """Collects small tables into row groups of at most *most* rows, and gives these to *writer*."""

    def __init__(self, writer: pq.ParquetWriter, most: int) -> None:
        self._writer = writer
        self._most = most
        self._tables: list[pa.Table] = []
        self._rows = 0

    def add(self, table: pa.Table) -> None:
        """Take *table*; what waited is written, in one piece, where the two are more than *most* rows."""
        if self._rows + table.num_rows > self._most:
            self.flush()
        self._tables.append(table)
        self._rows += table.num_rows

    def flush(self) -> None:
        """Write what waits, in one piece; nothing where that has no rows."""
        tables, rows = self._tables, self._rows
        self._tables, self._rows = [], 0
        if rows:
            self._writer.write_table(pa.concat_tables(tables).combine_chunks())


def write_row_groups(writer: pq.ParquetWriter, tables: Iterable[pa.Table], most: int) -> None:
    """Write *tables*, one behind the other, in as few pieces of at most *most* rows as whole tables make."""
    row_groups = RowGroups(writer, most)
    for table in tables:
        row_groups.add(table)
    row_groups.flush()
