"""One Parquet file of the dataset, read and written row group by row group.

Memory is bounded by row groups, whatever the size of the file: one that is read, the pieces of at most two
read before and of the staged units that are collected for the next one, and the copy of those that is written.
A row group ends at :data:`ROW_GROUP_ROWS` rows or :data:`ROW_GROUP_BYTES` bytes of Arrow data, whichever
comes first, so that 100 kB names can't make it large; a staged unit is held whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.storage.schema_change import ForeignColumns, SchemaChange
from zoho_people.storage.store import Store

ROW_GROUP_ROWS = 32_768
ROW_GROUP_BYTES = 16 * 2**20
_BUNDLE_ROWS = 128
SORTED_BY = ("learner_id", "entity_id")


class UnusableFile(ValueError):
    """The file at ``path`` can't be merged into, or copied from; it is left as it is."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


class ForeignFile(UnusableFile):
    """The file at ``path`` has other columns than the contract has or had: it is not replaced. Move it away."""

    def __init__(self, path: str, why: object) -> None:
        super().__init__(
            path,
            f"{path} was not written by this project, or by a later version of it ({why}); move it away, or go "
            "back to the version that wrote it",
        )


class DamagedFile(UnusableFile):
    """The file at ``path`` can't be read: it is not replaced. Restore it, or move it away."""

    def __init__(self, path: str, why: object) -> None:
        super().__init__(path, f"{path} can't be read ({why}); restore it or move it away")


class CourseFile:
    """The rows of a published file, addressed by their position; no rows when there is no file yet.

    Whichever version wrote it, its rows are those of today's contract.
    """

    def __init__(self, path: str, file: pq.ParquetFile | None, change: SchemaChange | None = None) -> None:
        self.path = path
        self._file = file
        self._change = change or SchemaChange(PROGRESS_SCHEMA)
        counts = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] if file else []
        self._starts: list[int] = list(accumulate(counts, initial=0))
        self._loaded_group: int | None = None
        self._loaded: pa.Table | None = None

    @classmethod
    @contextmanager
    def opened(cls, store: Store, path: str) -> Iterator[CourseFile]:
        """The file at *path*, or one without rows when there is none.

        :raises ForeignFile: when its columns are neither the contract's nor those of an earlier version.
        :raises DamagedFile: when it can't be read, now or later.
        """
        try:
            source = store.open(path)
        except FileNotFoundError:
            yield cls(path, None)
            return
        with source:
            with readable(path):
                file = pq.ParquetFile(source)
            with file:
                yield cls(path, file, contract_change(path, file, PROGRESS_SCHEMA))

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self._file is not None

    @property
    def num_rows(self) -> int:
        """How many rows it has."""
        return self._starts[-1]

    def groups(self, columns: list[str]) -> Iterator[tuple[int, pa.Table]]:
        """Each row group's first position and its *columns*."""
        for group, start in enumerate(self._starts[:-1]):
            yield start, self._read(group, columns).combine_chunks()

    def rows(self, start: int, stop: int) -> Iterator[pa.Table]:
        """The rows at positions *start* to *stop* (exclusive), a table per row group."""
        for group, (first, end) in enumerate(zip(self._starts[:-1], self._starts[1:], strict=True)):
            low, high = max(start, first), min(stop, end)
            if low < high:
                yield self._group(group).slice(low - first, high - low)

    def _group(self, group: int) -> pa.Table:
        if self._loaded is None or self._loaded_group != group:
            self._loaded = None  # while another one is read
            self._loaded, self._loaded_group = self._read(group), group
        return self._loaded

    def _read(self, group: int, columns: list[str] | None = None) -> pa.Table:
        if self._file is None:
            raise IndexError(group)
        with readable(self.path):
            table = self._file.read_row_group(group, columns=self._change.in_file(columns))
        return self._change.complete(table, columns)


def contract_change(path: str, file: pq.ParquetFile, contract: pa.Schema) -> SchemaChange:
    """What lies between the *file* at *path* and *contract*.

    :raises ForeignFile: when no earlier version wrote such a file.
    """
    try:
        return SchemaChange.between(file.schema_arrow, contract)
    except ForeignColumns as error:
        raise ForeignFile(path, error) from None


@contextmanager
def readable(path: str, *errors: type[Exception]) -> Iterator[None]:
    """Tell what Arrow says of a broken file, or one of *errors*, from what the system says: that has a number.

    :raises DamagedFile: when the file at *path* is broken.
    """
    broken: tuple[type[Exception], ...] = (pa.ArrowException, OSError, *errors)
    try:
        yield
    except UnusableFile:
        raise
    except broken as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DamagedFile(path, error) from error


def write_rows(
    path: Path,
    tables: Iterable[pa.Table],
    *,
    row_group_rows: int = ROW_GROUP_ROWS,
    row_group_bytes: int = ROW_GROUP_BYTES,
) -> int:
    """Write *tables*, sorted already, one behind the other into a new local file; the number of rows."""
    columns = [pq.SortingColumn(PROGRESS_SCHEMA.get_field_index(name)) for name in SORTED_BY]
    rows = 0
    with pq.ParquetWriter(path, PROGRESS_SCHEMA, compression="zstd", sorting_columns=columns) as writer:
        for group in _row_groups(tables, row_group_rows, row_group_bytes):
            writer.write_table(group, row_group_size=row_group_rows)
            rows += group.num_rows
            del group  # while the next one is collected
    return rows


def _row_groups(tables: Iterable[pa.Table], row_group_rows: int, row_group_bytes: int) -> Iterator[pa.Table]:
    collected: list[pa.Table] = []
    rows = size = 0
    for table in _bundles(tables):
        rest = table
        while rest.num_rows:
            piece = rest.slice(0, row_group_rows - rows)
            rest = rest.slice(piece.num_rows)
            collected.append(piece)
            rows, size = rows + piece.num_rows, size + piece.nbytes
            if rows == row_group_rows or size >= row_group_bytes:
                yield _whole(collected)
                rows = size = 0
    if collected:
        yield _whole(collected)


def _whole(pieces: list[pa.Table]) -> pa.Table:
    """The *pieces* as one; they are let go, before it is written."""
    whole = pa.concat_tables(pieces).combine_chunks()
    pieces.clear()
    return whole


def _bundles(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """*tables*, small ones bundled: to weigh each of many takes longer than to write it."""
    bundle: list[pa.Table] = []
    rows = 0
    for table in tables:
        if table.num_rows < _BUNDLE_ROWS:
            bundle.append(table)
            rows += table.num_rows
        if bundle and (rows >= _BUNDLE_ROWS or table.num_rows >= _BUNDLE_ROWS):
            yield pa.concat_tables(bundle).combine_chunks()
            bundle, rows = [], 0
        if table.num_rows >= _BUNDLE_ROWS:
            yield table
    if bundle:
        yield pa.concat_tables(bundle).combine_chunks()
