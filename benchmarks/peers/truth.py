"""What the emulator saw, and whether what was written is what it sent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx

from benchmarks.peers.contenders import Work
from benchmarks.peers.rows import row
from zoho_people.api.entity_type import EntityType

KEY = ("course_id", "learner_id", "entity_type", "entity_id")
VALUES = ("entity_name", "status", "user_mark")


@dataclass(frozen=True)
class Rows:
    """How a dataset differs from the truth; a wrong row has the right key and another value."""

    missing: int
    wrong: int
    doubled: int

    @property
    def complete(self) -> bool:
        """Whether it differs in nothing."""
        return not (self.missing or self.wrong or self.doubled)

    def __str__(self) -> str:
        return f"{self.missing} / {self.wrong} / {self.doubled}"


class Emulated:
    """The control routes of one contender's emulator."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/_emulator", timeout=60, trust_env=False)

    def get(self, route: str, **query: Any) -> Any:
        """A control route's answer."""
        return self._http.get(route, params=query).raise_for_status().json()

    def post(self, route: str, body: Any = None, **query: Any) -> None:
        """Change something."""
        self._http.post(route, params=query, json=body).raise_for_status()

    def requests(self, since: int) -> list[dict[str, Any]]:
        """The API requests after that number of the journal."""
        return [entry for entry in self.get("journal", since=since)["entries"] if entry["kind"] == "api"]

    def last(self) -> int:
        """The number of the journal's last entry."""
        return max((entry["seq"] for entry in self.get("journal")["entries"]), default=0)

    def truth(self, work: Work) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """The right values of every key."""
        lines = self._http.get("truth", params={"course_id": work.course_id}).raise_for_status().text
        right = {}
        for unit in map(json.loads, filter(None, lines.split("\n"))):
            for record in unit["records"]:
                expected = row(unit, record)
                right[_key(expected)] = tuple(expected[name] for name in VALUES)
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
    found = _read(output)
    times = Counter(_key(each) for each in found)
    wrong = {
        _key(each) for each in found if right.get(_key(each)) != tuple(each.get(name) for name in VALUES)
    }
    return Rows(
        missing=len(right.keys() - times.keys()),
        wrong=len(wrong),
        doubled=sum(times.values()) - len(times),
    )


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
    code = EntityType.parse(kind).code if isinstance(kind, str) else kind
    return str(each["course_id"]), str(each["learner_id"]), str(code), str(each["entity_id"])
