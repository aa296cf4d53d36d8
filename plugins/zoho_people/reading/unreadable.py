"""Which file can't be read: DuckDB names some, and of others says only that something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.reading.dataset_files import DatasetFiles
from zoho_people.reading.errors import UnreadableFile
from zoho_people.reading.relations import SCHEMAS, Files
from zoho_people.storage.schema_change import SchemaChange
from zoho_people.storage.store import Store


class _File(NamedTuple):
    """A file of *dataset*, at *path* below the root of *store*."""

    dataset: str
    store: Store
    path: str


def first_unreadable(dataset: DatasetFiles, told: str, files: Files) -> UnreadableFile | None:
    """The first file that is damaged or another program's; those that DuckDB's message *told* names come first.

    Reads every file if need be, one at a time; of the datasets in *files* only those. All footers come first: they
    are little to read, and show what is cut off, empty or another program's.
    """
    every = sorted(_files(dataset, files), key=lambda file: file.path)
    named = [file for file in every if file.path in told]
    others = [file for file in every if file.path not in told]
    for some, has_rows_read in ((named, True), (others, False), (others, True)):
        for file in some:
            why = _why_not(file, has_rows_read=has_rows_read)
            if why is not None:
                return UnreadableFile(file.path, why)
    return None


def _files(dataset: DatasetFiles, files: Files) -> Iterator[_File]:
    for name in SCHEMAS:
        store = dataset.store_of(name)
        for path in files[name] if name in files else store.files(name):
            if path.endswith(".parquet"):
                yield _File(name, store, path)


def _why_not(file: _File, *, has_rows_read: bool) -> Exception | None:
    """Why *file* can't be read; None where it can, or is no longer there."""
    try:
        with file.store.open(file.path) as source, pq.ParquetFile(source) as opened:
            SchemaChange.between(opened.schema_arrow, SCHEMAS[file.dataset])
            for group in range(opened.num_row_groups if has_rows_read else 0):
                opened.read_row_group(group)
    except FileNotFoundError:
        return None
    except (pa.ArrowException, OSError, ValueError) as error:
        return error
    return None
