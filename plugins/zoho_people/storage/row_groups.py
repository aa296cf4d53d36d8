"""Small tables gathered into row groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa


class RowGroups:
    """Collects small tables into row groups of at most *most* rows."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tables: list[pa.Table] = []
        self._rows = 0

    def add(self, table: pa.Table) -> Iterator[pa.Table]:
        """Take *table*; what waited comes out, in one piece, where the two are more than *most* rows."""
        if self._rows + table.num_rows > self._most:
            yield from self.rest()
        self._tables.append(table)
        self._rows += table.num_rows

    def rest(self) -> Iterator[pa.Table]:
        """What waits, in one piece; nothing where that has no rows."""
        tables, rows = self._tables, self._rows
        self._tables, self._rows = [], 0
        if rows:
            yield pa.concat_tables(tables).combine_chunks()


def in_row_groups(tables: Iterable[pa.Table], most: int) -> Iterator[pa.Table]:
    """*tables*, one behind the other, in as few pieces of at most *most* rows as whole tables make."""
    row_groups = RowGroups(most)
    for table in tables:
        yield from row_groups.add(table)
    yield from row_groups.rest()
