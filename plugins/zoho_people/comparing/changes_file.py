"""A file of the dataset ``changes``: what changed in a course on a day, replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.publishing.course_file import DamagedFile, contract_change, readable
from zoho_people.storage.row_groups import write_row_groups
from zoho_people.storage.schema import CHANGES_SCHEMA
from zoho_people.storage.store import Store

ROW_GROUP_ROWS = 32_768
SORTED_BY = ("entity_type", "learner_id", "entity_id")
_SAID = [name for name in CHANGES_SCHEMA.names if name != "dag_run_id"]


def replace_changes(store: Store, path: str, tables: Iterable[pa.Table]) -> bool:
    """Replace the file at *path* with *tables*, sorted already, one behind the other.

    Returns whether its changes differ from those before. Without rows no file is made; one that is there is
    replaced by a file without rows, so that a reader who has listed it still finds it.

    :raises UnusableFile: when a file is there that this project did not write, or that can't be read.
    """
    is_there = _is_own(store, path)
    rest = iter(tables)
    first = next(rest, None)
    if first is None and not is_there:
        return False
    columns = [pq.SortingColumn(CHANGES_SCHEMA.get_field_index(name)) for name in SORTED_BY]
    with store.replacing(path) as temporary:
        with pq.ParquetWriter(
            temporary, CHANGES_SCHEMA, compression="zstd", sorting_columns=columns
        ) as writer:
            write_row_groups(writer, chain(() if first is None else (first,), rest), ROW_GROUP_ROWS)
        return not is_there or not _says_the_same(store, path, temporary)


def read_changes(store: Store, path: str) -> pa.Table | None:
    """The rows of the file at *path*, None where there is none."""
    if not _is_own(store, path):
        return None
    with store.open(path) as source, pq.ParquetFile(source) as file:
        return file.read()


def _says_the_same(store: Store, path: str, new: Path) -> bool:
    """Whether the files *path* and *new* have the same rows, whichever run wrote them; False if one is damaged."""
    with store.open(path) as source, pq.ParquetFile(source) as was, pq.ParquetFile(new) as now:
        try:
            with readable(path):
                return was.num_row_groups == now.num_row_groups and all(
                    was.read_row_group(group, _SAID).equals(now.read_row_group(group, _SAID))
                    for group in range(now.num_row_groups)
                )
        except DamagedFile:
            return False


def _is_own(store: Store, path: str) -> bool:
    """Whether there is a file of changes at *path*.

    :raises UnusableFile: when it is another one.
    """
    try:
        with store.open(path) as source, readable(path), pq.ParquetFile(source) as file:
            contract_change(path, file, CHANGES_SCHEMA)
    except FileNotFoundError:
        return False
    return True
