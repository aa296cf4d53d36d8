"""Every byte below an output path, decoded: written down apart from the code under test."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def found_in(fs: Any, root: str, *texts: str) -> set[tuple[str, str]]:
    """Each of *texts* that stands anywhere below *root*, and where: in names, bytes, values or statistics."""
    found = set()
    for path, is_folder in _paths(fs, root):
        content = b"" if is_folder else fs.cat_file(path)
        haystack = path.encode() + content + (b"" if is_folder else b"".join(_decoded(path, content)))
        found |= {(text, path) for text in texts if text.encode() in haystack}
    return found


def _paths(fs: Any, root: str) -> Iterator[tuple[str, bool]]:
    for folder, folders, files in fs.walk(root):
        yield from ((f"{folder}/{name}", True) for name in folders)
        yield from ((f"{folder}/{name}", False) for name in files)


def _decoded(path: str, content: bytes) -> Iterator[bytes]:
    if path.endswith(".parquet"):
        file = pq.ParquetFile(io.BytesIO(content))
        yield str(file.metadata.metadata).encode()
        for group in range(file.num_row_groups):
            for place in range(file.metadata.num_columns):
                yield str(file.metadata.row_group(group).column(place).statistics).encode()
        # As dictionaries, since these have what a dictionary page has beyond the values in use.
        columns = file.schema_arrow.names
        yield from _values(
            pq.ParquetFile(io.BytesIO(content), read_dictionary=columns).read(use_threads=False)
        )
    elif path.endswith(".arrow"):
        reader = pa.ipc.open_file(pa.BufferReader(content))
        yield str(reader.schema.metadata).encode()
        yield from _values(reader.read_all())


def _values(table: pa.Table) -> Iterator[bytes]:
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            yield from (str(chunk.dictionary.to_pylist()).encode() for chunk in column.chunks)
        elif not pa.types.is_timestamp(column.type):
            yield str(column.to_pylist()).encode()
