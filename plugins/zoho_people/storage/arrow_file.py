"""Small tables as Arrow files, with a JSON object of facts beside the rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from zoho_people.storage.schema_change import todays_table
from zoho_people.storage.store import Store

_FACTS = b"zoho_people"
# To hand each column of a small table to a thread takes several times as long as the column.
_WRITTEN = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_READ = pa.ipc.IpcReadOptions(use_threads=False)


def write_table(store: Store, path: str, table: pa.Table, facts: Mapping[str, Any]) -> None:
    """Replace the file at *path* with *table* and *facts*."""
    schema = table.schema.with_metadata({_FACTS: json.dumps(facts).encode()})
    with (
        store.replacing(path) as temporary,
        pa.ipc.new_file(str(temporary), schema, options=_WRITTEN) as file,
    ):
        file.write_table(table)


def read_table(store: Store, path: str, schema: pa.Schema) -> pa.Table:
    """The rows, as *schema* has them: an earlier version may have written the file.

    :raises FileNotFoundError: when there is no such file.
    :raises ForeignColumns: when it is about something else.
    """
    with store.open(path) as file, pa.ipc.open_file(file, options=_READ) as reader:
        return todays_table(reader.read_all().replace_schema_metadata(None), schema)


def read_metadata(store: Store, path: str) -> dict[str, Any]:
    """The facts, without reading the rows.

    :raises FileNotFoundError: when there is no such file.
    """
    with store.open(path) as file, pa.ipc.open_file(file) as reader:
        facts: dict[str, Any] = json.loads((reader.schema.metadata or {})[_FACTS])
        return facts
