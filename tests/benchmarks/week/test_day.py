"""How the week's benchmark judges: what it must complain about, and what it must not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.differences import Rows
from benchmarks.week.day import Change, Day, problems
from benchmarks.week.snapshot import Seen, Truth, look

TODAY = date(2026, 11, 23)
COVERED = {"absent": 0, "doubled": 0}
GOOD = Day("2", 2, 10, 0, {}, Seen(30, Rows(), Truth()), COVERED)
FULL = replace(GOOD, progress=98)
CHANGED = Change(by_course_progress=1, by_entities=1, entities=5)
UNIT = {"course_id": "1", "batch_id": None, "learner_id": "2", "entity_type": 3}
RECORDS = [
    {"fileId": 2**62 + number, "fileName": f"File {number}", "duration": "1 hour"} for number in (1, 2)
]
ROWS: list[dict[str, Any]] = [
    {
        "course_id": "1",
        "batch_id": None,
        "learner_id": "2",
        "entity_id": str(record["fileId"]),
        "entity_name": record["fileName"],
        "status": None,
        "is_mandatory": None,
        "user_mark": None,
        "max_mark": None,
        "maximum_attempts_allowed": None,
        "duration": "1 hour",
        "duration_seconds": 3600,
        "attributes": "{}",
        "fetched_at": "at any time",
        "dag_run_id": "by any run",
    }
    for record in RECORDS
]


class Emulated:
    """An emulator that has the one unit."""

    def true_units(self, *, entity_type: int) -> list[dict[str, Any]]:
        return [UNIT | {"records": RECORDS}] if entity_type == UNIT["entity_type"] else []


def complaints(day: Day, change: Change | None = CHANGED) -> Iterator[str]:
    return problems([FULL, day, FULL], [None, change, None], 100.0, 0.12)


def test_a_day_as_promised_is_no_problem():
    assert list(complaints(GOOD)) == []


@pytest.mark.parametrize(
    "day",
    [
        replace(GOOD, seen=replace(GOOD.seen, differences=Rows(wrong=1))),
        replace(GOOD, seen=replace(GOOD.seen, differences=Rows(missing=1))),
        replace(GOOD, seen=replace(GOOD.seen, differences=Rows(doubled=1))),
        replace(GOOD, seen=replace(GOOD.seen, rows=0)),
        replace(GOOD, uncovered=COVERED | {"doubled": 1}),
        replace(GOOD, refused=1),
        replace(GOOD, progress=11),
    ],
    ids=["wrong", "missing", "doubled", "no rows", "covered twice", "refused", "too dear"],
)
def test_a_day_that_is_not_as_promised_is_named(day: Day):
    assert [text.partition(":")[0] for text in complaints(day)] == ["day 2"]


@pytest.mark.parametrize("what", ["by_course_progress", "entities"])
def test_a_day_on_which_nothing_changed_shows_nothing(what: str):
    assert len(list(complaints(GOOD, replace(CHANGED, **{what: 0})))) == 1


def test_a_change_is_counted_by_learner_and_by_record():
    before = replace(GOOD, fingerprints={("1", "2"): "a", ("1", "3"): "b"})
    then = Truth(records={("1", "2"): {1, 2, 3}, ("1", "3"): {4}})
    now = Truth(records={("1", "2"): {1, 5, 6}, ("1", "3"): {4}})
    before = replace(before, seen=replace(before.seen, truth=then))
    after = replace(
        before, fingerprints={("1", "2"): "c", ("1", "3"): "b"}, seen=replace(before.seen, truth=now)
    )
    assert Change.between(before, after) == Change(by_course_progress=1, by_entities=1, entities=2)


def write(output: Path, rows: list[dict[str, Any]], *, entity_type: str = "files") -> None:
    folder = output / "learner_progress" / f"entity_type={entity_type}" / f"snapshot_date={TODAY}"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "course-1.parquet")


@pytest.mark.parametrize(
    ("rows", "differences"),
    [
        (ROWS, Rows()),
        (ROWS[1:], Rows(missing=1)),
        ([*ROWS, ROWS[0]], Rows(doubled=1)),
        ([ROWS[0], ROWS[1] | {"duration_seconds": 3601}], Rows(wrong=1)),
        ([ROWS[0], ROWS[1] | {"attributes": '{"more": 1}'}], Rows(wrong=1)),
        ([*ROWS, ROWS[0] | {"learner_id": "9"}], Rows(wrong=1)),
    ],
    ids=["right", "missing", "doubled", "another value", "another attribute", "a row of nobody"],
)
def test_every_cell_of_the_snapshot_is_compared(
    tmp_path: Path, rows: list[dict[str, Any]], differences: Rows
):
    write(tmp_path, rows)
    seen = look(Emulated(), tmp_path, TODAY)
    assert (seen.rows, seen.differences) == (len(rows), differences)
    assert seen.truth.units == {("1", None, "2", "files")}


def test_rows_of_a_type_that_zoho_does_not_have_are_wrong(tmp_path: Path):
    write(tmp_path, ROWS)
    write(tmp_path, ROWS, entity_type="songs")
    assert look(Emulated(), tmp_path, TODAY).differences == Rows(wrong=2)
