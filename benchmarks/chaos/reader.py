"""A reader who loops over the dataset while it is being written, and notes whatever is not as it must be."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.chaos.truth import UnitKey

PAUSE_S = 0.3
SCHEMA = (
    "course_id: string not null, batch_id: string, learner_id: string not null, entity_id: string not null, "
    "entity_name: string, status: string, is_mandatory: bool, user_mark: double, max_mark: double, "
    "maximum_attempts_allowed: int32, duration: string, duration_seconds: int64, attributes: string, "
    "fetched_at: timestamp[us, tz=UTC] not null, dag_run_id: string not null"
)
"""The columns as docs promise them, written down apart from the code under test."""


class Reader(threading.Thread):
    """Reads every file of the dataset again and again until it is stopped.

    *counts* are the rows of each unit: a file holds all of them or none. Those of the units *always* were there
    before the trial and must never be gone.
    """

    def __init__(self, root: Path, counts: Mapping[UnitKey, int], always: Iterable[UnitKey]) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._counts = counts
        self._always = {key for key in always if counts.get(key)}
        self._stopped = threading.Event()
        self.files_read = 0
        self.wrong: Counter[str] = Counter()

    def run(self) -> None:
        while not self._stopped.wait(PAUSE_S):
            self.look()

    def stop(self) -> None:
        """Stop after one last look."""
        self._stopped.set()
        self.join()
        self.look()

    def look(self) -> None:
        """Read everything once."""
        seen: set[UnitKey] = set()
        for path in self._files("learner_progress"):
            self.wrong.update(self._problems(path, seen))
        for path in self._files("coverage"):
            self.wrong.update(self._problems_of_coverage(path))
        if gone := self._always - seen:
            self.wrong[f"{len(gone)} units were gone that were there before"] += 1

    def _files(self, dataset: str) -> list[Path]:
        return sorted(path for path in self._root.glob(f"{dataset}/**/*") if path.is_file())

    def _problems(self, path: Path, seen: set[UnitKey]) -> Iterator[str]:
        name = path.relative_to(self._root)
        table = self._read(path)
        if table is None:
            yield f"{name}: can't be read"
            return
        if _columns(table.schema) != SCHEMA:
            yield f"{name}: the columns are not as promised"
            return
        keys = list(zip(table["learner_id"].to_pylist(), table["entity_id"].to_pylist(), strict=True))
        if keys != sorted(set(keys)):
            yield f"{name}: rows doubled or out of order"
        for unit, rows in _units(path, table).items():
            seen.add(unit)
            if rows != self._counts.get(unit):
                yield f"{name}: {rows} rows of a unit that has {self._counts.get(unit)}"

    def _problems_of_coverage(self, path: Path) -> Iterator[str]:
        if self._read(path) is None:
            yield f"{path.relative_to(self._root)}: can't be read"

    def _read(self, path: Path) -> pa.Table | None:
        self.files_read += 1
        try:
            return pq.ParquetFile(path).read()
        except (OSError, pa.ArrowException):
            return None


def _units(path: Path, table: pa.Table) -> Counter[UnitKey]:
    """The rows of each unit in a file, whose entity type is in its path."""
    entity_type = path.parts[-3].partition("=")[2]
    columns = (table[name].to_pylist() for name in ("course_id", "batch_id", "learner_id"))
    rows = zip(*columns, strict=True)
    return Counter(
        ("/".join(filter(None, (course, batch))), learner, entity_type) for course, batch, learner in rows
    )


def _columns(schema: pa.Schema) -> str:
    return ", ".join(str(field).removeprefix("pyarrow.Field<").removesuffix(">") for field in schema)
