"""What the emulator saw, and whether what was written is what it sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.control import Control
from benchmarks.differences import Rows, differ
from benchmarks.peers.contenders import Work
from benchmarks.peers.rows import row
from zoho_people.model.entity_type import EntityType

KEY = ("course_id", "learner_id", "entity_type", "entity_id")
VALUES = ("entity_name", "status", "user_mark")


class Emulated(Control):
    """The control routes of one contender's emulator."""

    def truth(self, work: Work) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """The right values of every key."""
        right = {}
        for unit in self.true_units(course_id=work.course_id):
            for record in unit["records"]:
                expected = row(unit, record)
                right[_key(expected)] = _values(expected)
        return right


def useful_pages(requests: list[dict[str, Any]]) -> int:
    """How many different pages were answered, each once."""
    pages = {
        (entry["path"], json.dumps(entry["params"], sort_keys=True))
        for entry in requests
        if entry["decision"] == "ok"
    }
    return len(pages)


def compare(right: dict[tuple[str, ...], tuple[Any, ...]], output: Path) -> Rows:
    """How what lies below *output* differs from the truth."""
    return differ(right, ((_key(each), _values(each)) for each in _read(output)))


def _read(output: Path) -> list[dict[str, Any]]:
    """The rows of the dataset: this project's newest snapshot, dlt's table, or the others' one file."""
    own = output / "learner_progress"
    folder = next((each for each in (own, output / "zoho" / "progress", output) if each.is_dir()), output)
    if not list(folder.rglob("*.parquet")):
        return []
    newest = "WHERE snapshot_date = (SELECT max(snapshot_date) FROM rows)" if folder == own else ""
    with duckdb.connect() as connection:
        rows: list[dict[str, Any]] = (
            connection.sql(
                f"WITH rows AS (SELECT * FROM read_parquet('{folder}/**/*.parquet', "  # noqa: S608
                f"union_by_name = true, hive_partitioning = {folder == own})) SELECT * FROM rows {newest}"
            )
            .to_arrow_table()
            .to_pylist()
        )
    return rows


def _key(each: dict[str, Any]) -> tuple[str, ...]:
    kind = each["entity_type"]
    code = EntityType.parse(kind).value if isinstance(kind, str) else kind
    return str(each["course_id"]), str(each["learner_id"]), str(code), str(each["entity_id"])


def _values(each: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(each.get(name) for name in VALUES)
