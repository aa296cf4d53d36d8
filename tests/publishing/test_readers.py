"""The dataset as others read it: by its folder alone, without a single option."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tests.helpers.lists import course_item, stage_list
from tests.helpers.samples import DAY, NOON, RUN_ID, at, cover, publish_units, records, stage, unit
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import COURSES
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.publishing.lists import publish_lists
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.zoho.page import Page

BIG = 2**53 + 1
Rows = list[dict[str, Any]]


def read_with_duckdb(folder: Path) -> Rows:
    query = f"SELECT * FROM read_parquet('{folder}/**/*.parquet')"  # noqa: S608
    with duckdb.connect() as connection:
        return connection.sql(query).to_arrow_table().to_pylist()


def read_with_pandas(folder: Path) -> Rows:
    frame = pd.read_parquet(folder)
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def read_with_polars(folder: Path) -> Rows:
    return pl.read_parquet(folder).to_dicts()


def read_with_polars_lazily(folder: Path) -> Rows:
    return pl.scan_parquet(folder).collect().to_dicts()


def read_with_pyarrow(folder: Path) -> Rows:
    return pq.read_table(folder).to_pylist()


def read_with_pyarrow_dataset(folder: Path) -> Rows:
    return ds.dataset(folder, partitioning="hive").to_table().to_pylist()


every_reader = pytest.mark.parametrize(
    "read",
    [
        read_with_duckdb,
        read_with_pandas,
        read_with_polars,
        read_with_polars_lazily,
        read_with_pyarrow,
        read_with_pyarrow_dataset,
    ],
)


@pytest.fixture
def output(made: Path, tmp_path: Path) -> Path:
    """A copy of what was made, which a test may change."""
    return shutil.copytree(made, tmp_path / "out")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two courses, one of them in batches; a file without rows; leftovers of a crash; staging."""
    root = tmp_path_factory.mktemp("made")
    staging = Staging(root, "run-1")
    units = [
        unit(BIG, Course("1"), EntityType.FILES),
        unit(2, Course("1", "5"), EntityType.ONLINE_TESTS),
        unit(3, Course("2"), EntityType.ONLINE_TESTS),
        unit(4, Course("1", "5"), EntityType.FEEDBACKS),
    ]
    stage(staging, units[0], {"fileId": BIG, "fileName": "Ünïcödé\n漢字"})
    stage(
        staging, units[1], *records(1, 2, userMark=5, testMark=10, isMandatory=True, maximumAttemptsAllowed=3)
    )
    stage(staging, units[2], *records(1))
    publish_units(staging, *units)
    staging.add_page(units[3], Page(0, ({"feedbackId": 8},), 1), NOON, RUN_ID)
    again = Staging(root, "run-2")
    stage(again, units[2], minute=1)
    publish_units(again, units[2])
    cover(again, *units)
    (root / "_staging/run-2/_tmp").mkdir(exist_ok=True)
    (root / "_staging/run-2/_tmp/_123").write_bytes(b"PAR1")
    return root


@every_reader
def test_every_reader_sees_the_same_rows(output: Path, read: Callable[[Path], Rows]) -> None:
    rows = sorted(read(output / "learner_progress"), key=lambda row: (row["course_id"], row["entity_id"]))
    keys = [(row["course_id"], row["batch_id"], row["learner_id"], row["entity_id"]) for row in rows]
    assert keys == [("1", "5", "2", "1"), ("1", "5", "2", "2"), ("1", None, str(BIG), str(BIG))]
    assert [row["entity_type"] for row in rows] == ["online_tests", "online_tests", "files"]
    assert {str(row["snapshot_date"]) for row in rows} == {"2026-01-02"}
    assert rows[2]["entity_name"] == "Ünïcödé\n漢字"
    assert [row["user_mark"] for row in rows] == [5.0, 5.0, None]
    assert [row["is_mandatory"] for row in rows] == [True, True, None]
    assert [row["maximum_attempts_allowed"] for row in rows] == [3, 3, None]
    assert {row["fetched_at"] for row in rows} == {at(0)}


@every_reader
def test_every_reader_sees_the_coverage(output: Path, read: Callable[[Path], Rows]) -> None:
    rows = read(output / "coverage")
    assert sorted((row["learner_id"], row["outcome"]) for row in rows) == sorted(
        [(str(BIG), "failed"), ("2", "failed"), ("3", "empty"), ("4", "failed")]
    )


@every_reader
def test_a_file_without_rows_alone_can_be_read(output: Path, read: Callable[[Path], Rows]) -> None:
    for file in (output / "learner_progress").rglob("course-1*.parquet"):
        file.unlink()
    assert read(output / "learner_progress") == []


def test_a_question_in_sql_needs_one_line(output: Path) -> None:
    query = (
        "SELECT entity_type, snapshot_date, count(*), json_extract(any_value(attributes), '$.x') "  # noqa: S608
        f"FROM '{output}/learner_progress/**/*.parquet' WHERE entity_type = 'files' GROUP BY ALL"
    )
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [("files", datetime.date(2026, 1, 2), 1, None)]


DAY_TEXT = str(DAY)


def test_a_day_is_a_text_to_pandas_and_pyarrow(output: Path) -> None:
    folder = output / "learner_progress"
    assert len(pd.read_parquet(folder, filters=[("snapshot_date", "=", DAY_TEXT)])) == 3
    assert (pd.read_parquet(folder)["snapshot_date"] == DAY_TEXT).sum() == 3
    dataset = ds.dataset(folder, partitioning="hive")
    assert dataset.count_rows(filter=ds.field("snapshot_date") == DAY_TEXT) == 3
    with pytest.raises(NotImplementedError, match="string, date32"):
        dataset.count_rows(filter=ds.field("snapshot_date") == DAY)


def test_a_day_is_a_date_to_duckdb_and_polars(output: Path) -> None:
    rows = pl.scan_parquet(output / "learner_progress")
    assert rows.filter(pl.col("snapshot_date") == DAY).collect().height == 3
    query = (
        f"SELECT typeof(snapshot_date), count(*) FROM '{output}/learner_progress/**/*.parquet' GROUP BY ALL"  # noqa: S608
    )
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [("DATE", 3)]


@pytest.mark.parametrize(
    ("condition", "learners"),
    [("p.batch_id = l.batch_id", ["2"]), ("p.batch_id IS NOT DISTINCT FROM l.batch_id", ["2", str(BIG)])],
)
def test_progress_joins_names_by_a_batch_that_may_be_null(
    output: Path, condition: str, learners: list[str]
) -> None:
    lists = ListStaging(output, "run-1")
    stage_list(lists, COURSES.of(), course_item(1))
    lists.choose([Course("1"), Course("1", "5")])
    for course, learner in ((Course("1"), BIG), (Course("1", "5"), 2)):
        stage_list(lists, COURSE_LEARNERS.of(course), {"learnerId": learner, "learnerName": "Ada"})
    publish_lists(lists, DAY)
    query = (
        f"SELECT DISTINCT p.learner_id, learner_name FROM '{output}/learner_progress/**/*.parquet' p "  # noqa: S608
        f"JOIN '{output}/learners/**/*.parquet' l ON p.course_id = l.course_id AND p.learner_id = l.learner_id "
        f"AND {condition} AND p.snapshot_date = l.snapshot_date ORDER BY 1"
    )
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [(learner, "Ada") for learner in learners]
