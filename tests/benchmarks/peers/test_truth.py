"""How the comparison with other tools counts: rows against the truth, and pages that were of use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.peers.rows import is_locked, row
from benchmarks.peers.truth import KEY, VALUES, compare, useful_pages

UNIT = {"course_id": "1", "learner_id": "2", "entity_type": 1}
RECORDS = [
    {"testId": 2**62 + number, "testName": f"Test {number}", "status": "completed", "userMark": 87.5}
    for number in range(3)
]
ROWS = [row(UNIT, record) for record in RECORDS]
RIGHT = {
    tuple(str(each[name]) for name in KEY): tuple(each[name] for name in VALUES) for each in ROWS
}  # as the truth has it


def written(output: Path, rows: list[dict[str, Any]]) -> Path:
    output.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), output / "progress.parquet")
    return output


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (ROWS, "0 / 0 / 0"),
        (ROWS[1:], "1 / 0 / 0"),
        ([*ROWS, ROWS[0]], "0 / 0 / 1"),
        ([ROWS[0], ROWS[1], {**ROWS[2], "status": "inprogress"}], "0 / 1 / 0"),
        ([*ROWS, {**ROWS[0], "entity_id": "9"}], "0 / 1 / 0"),
    ],
    ids=["right", "missing", "doubled", "another value", "a row of nobody"],
)
def test_rows_are_missing_wrong_or_doubled(tmp_path: Path, rows: list[dict[str, Any]], found: str):
    assert str(compare(RIGHT, written(tmp_path / "output", rows))) == found


def test_nothing_written_is_all_missing(tmp_path: Path):
    assert str(compare(RIGHT, tmp_path / "output")) == "3 / 0 / 0"


def test_only_the_newest_snapshot_of_this_project_counts(tmp_path: Path):
    table = tmp_path / "learner_progress" / "entity_type=online_tests"
    bare = [{name: value for name, value in each.items() if name != "entity_type"} for each in ROWS]
    written(table / "snapshot_date=2026-11-22", bare)
    written(table / "snapshot_date=2026-11-23", bare)
    assert compare(RIGHT, tmp_path).complete


def test_a_page_is_of_use_once():
    asked = {"path": "/a", "params": {"entityType": "1"}, "decision": "ok"}
    again = {**asked, "decision": "locked"}
    second = {**asked, "params": {"entityType": "1", "startIndex": "25"}}
    assert useful_pages([asked, again, asked, second]) == 2


@pytest.mark.parametrize(
    "body", [{"code": 7209}, {"code": "7209"}, {"response": {"status": 1, "errors": {"code": 7209}}}]
)
def test_the_lock_is_known_by_its_body(body: dict[str, Any]):
    assert is_locked(body)
    assert not is_locked({"code": 200})
    assert not is_locked(None)
