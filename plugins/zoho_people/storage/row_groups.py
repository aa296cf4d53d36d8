"""Small tables gathered into row groups."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq


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
