"""All that files say, as text: to look for what must not be there."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def kept_text(folder: Path) -> str:
    """The names and contents of all files below *folder*; of compressed tables every value and all metadata."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return "\n".join(f"{path.relative_to(folder)}\n{_content(path)}" for path in files)


def _content(path: Path) -> str:
    raw = path.read_bytes()
    if path.suffix == ".parquet" and raw:
        with pq.ParquetFile(path) as file:
            return _table(file.read())
    if path.suffix == ".arrow":
        with pa.ipc.open_file(path) as file:
            return _table(file.read_all())
    return raw.decode("utf-8", "replace")


def _table(table: pa.Table) -> str:
    return f"{table.schema.metadata} {table.to_pylist()}"
