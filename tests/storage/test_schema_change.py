"""The day a column is added to the contract: what was written before is read on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.lists import stage_organisation
from tests.helpers.samples import COURSE, DAY, TESTS, published, records, stage, unit
from tests.publishing.test_carry import SAME, Company, day, noon
from zoho_people.model.known import Known
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import CourseFile, ForeignFile
from zoho_people.publishing.coverage import Coverage
from zoho_people.publishing.lists import publish_lists
from zoho_people.publishing.report_tables import summarize
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.arrow_file import read_metadata, write_table
from zoho_people.storage.layout import (
    courses_file,
    coverage_folder,
    learners_file,
    progress_file,
    state_file,
)
from zoho_people.storage.schema import COVERAGE_SCHEMA, PROGRESS_SCHEMA
from zoho_people.storage.schema_change import ForeignColumns, SchemaChange, todays_table
from zoho_people.storage.store import Store

ADDED = ["max_mark", "duration_seconds"]
"""Columns that the contract has got since, as far as these tests go."""


def rewrite(store: Store, path: str, table: pa.Table, *, row_group_size: int = 2) -> None:
    with store.replacing(path) as temporary:
        pq.write_table(table, temporary, row_group_size=row_group_size)


def take_back(store: Store, path: str, columns: Sequence[str]) -> None:
    """Make of the file at *path* what it was before it had *columns*."""
    with store.open(path) as source:
        table = pq.read_table(source)
    rewrite(store, path, table.drop_columns(list(columns)))


def names_in(store: Store, path: str) -> list[str]:
    with store.open(path) as source:
        return list(pq.ParquetFile(source).schema_arrow.names)


@pytest.fixture
def company(root: Any) -> Company:
    """One whose first day's files, coverage and state were written before there were some of the columns."""
    company = Company(root)
    company.run(0)
    store = company.store
    take_back(store, company.path(0), ADDED)
    take_back(store, state_file(COURSE), ["since", "tried_at", "missed_at"])
    for name in store.names(coverage_folder(DAY)):
        take_back(store, f"{coverage_folder(DAY)}/{name}", ["error"])
    return company


class TestADatasetWrittenBefore:
    def test_is_carried_forward_and_nothing_is_lost_or_asked_again(self, company: Company) -> None:
        run = company.plan(1)
        assert run.asked == []
        (file,) = run.publish().files
        assert (file.rows, file.rows_carried) == (0, 3)
        table = published(company.root, day=day(1))
        assert table.schema.equals(PROGRESS_SCHEMA)
        assert [table[name].null_count for name in ADDED] == [3, 3]
        assert company.rows(1) == {"1": ["1", "2"], "2": ["1"]}
        assert run.cover() == [(learner, "carried_forward") for learner in "123"]
        assert company.known(1) == Known("fetched", 1, 2, noon(0), "same", day(1))

    def test_of_the_same_day_is_merged_into_a_file_of_today(self, company: Company) -> None:
        company.answers["2"] = (7, 8)
        run = company.plan(0, SAME | {"2": "other"}, key="again")
        assert run.asked == ["2"]
        run.fetch(minute=5)
        run.publish()
        assert published(company.root).schema.equals(PROGRESS_SCHEMA)
        assert company.rows(0) == {"1": ["1", "2"], "2": ["7", "8"]}
        assert dict(run.cover())["2"] == "fetched"
        assert company.plan(0, SAME | {"2": "other"}, key="third").asked == []

    def test_is_not_touched_where_there_is_no_news(self, company: Company) -> None:
        before = company.store.read(company.path(0))
        run = company.plan(0, dict.fromkeys(SAME, "other"), key="again")
        assert run.asked == ["1", "2", "3"]
        run.fetch()
        assert run.publish().changed == ()
        assert company.store.read(company.path(0)) == before

    def test_gets_the_values_of_the_new_columns_once_they_are_fetched(self, company: Company) -> None:
        staging = Staging(company.root, "again")
        run = company.plan(0, SAME | {"2": "other"}, key="again")
        stage(staging, unit(2), *records(1, testMark=50, duration="1 minute"))
        (file,) = run.publish().changed
        assert file.rows == 1
        rows = {row["learner_id"]: row for row in published(company.root).to_pylist()}
        assert (rows["2"]["max_mark"], rows["2"]["duration_seconds"]) == (50.0, 60)

    def test_has_a_summary(self, company: Company) -> None:
        name = company.store.names(coverage_folder(DAY))[0]
        text = summarize(Coverage(company.store, f"{coverage_folder(DAY)}/{name}"), DAY)
        assert [TESTS.label, "3", "3"] in [line.split()[:3] for line in text.splitlines()]

    def test_has_a_coverage(self, company: Company) -> None:
        name = company.store.names(coverage_folder(DAY))[0]
        coverage = Coverage(company.store, f"{coverage_folder(DAY)}/{name}")
        assert coverage.read().schema.equals(COVERAGE_SCHEMA)
        assert len(list(coverage.missing())) == coverage.postponed == 0

    def test_has_rosters(self, root: Any) -> None:
        rosters = ListStaging(root, "run")
        stage_organisation(rosters)
        publish_lists(rosters, DAY)
        paths = [courses_file(DAY), learners_file(Course("1"), DAY)]
        for path, columns in zip(paths, (["publish_status"], ["email", "status"]), strict=True):
            take_back(rosters.store, path, columns)
        assert not any(file.error for file in publish_lists(rosters, DAY))
        again = ListStaging(root, "later")
        stage_organisation(again, minute=1)
        assert not any(file.error for file in publish_lists(again, DAY))
        assert "publish_status" in names_in(again.store, paths[0])
        assert "email" in names_in(again.store, paths[1])


def test_what_a_run_had_staged_before_is_published_after(root: Any) -> None:
    staging = Staging(root, "run-1")
    stage(staging, unit(1), *records(1, 2))
    path = f"_staging/run-1/entity_type={TESTS.label}/course-{COURSE}/1.arrow"
    table = staging.table(unit(1))
    write_table(staging.store, path, table.drop_columns(ADDED), read_metadata(staging.store, path))
    assert staging.table(unit(1)).equals(table)


LARGE = pa.large_string()
DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def with_type(name: str, kind: pa.DataType, *, nullable: bool = True) -> pa.Schema:
    place = PROGRESS_SCHEMA.get_field_index(name)
    return PROGRESS_SCHEMA.set(place, pa.field(name, kind, nullable=nullable))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (PROGRESS_SCHEMA.append(pa.field("score", pa.int8())), "column 'score' is unknown"),
        (with_type("status", LARGE), "column 'status' is large_string, not string"),
        (with_type("status", DICTIONARY), "column 'status' is dictionary<"),
        (with_type("user_mark", pa.float32()), "column 'user_mark' is float, not double"),
        (with_type("status", pa.string(), nullable=False), "'status' is string not null, not string"),
        (with_type("learner_id", pa.string()), "'learner_id' is string, not string not null"),
        (PROGRESS_SCHEMA.remove(2), "column 'learner_id' is missing"),
        (PROGRESS_SCHEMA.append(PROGRESS_SCHEMA.field("status")), "column 'status' is there 2 times"),
        (pa.schema(list(reversed(PROGRESS_SCHEMA))), "its columns are in another order"),
    ],
)
def test_what_no_earlier_version_wrote_is_refused_by_name(root: Any, found: pa.Schema, words: str) -> None:
    store = Store(root)
    with store.replacing("file") as temporary:
        pq.write_table(found.empty_table(), temporary)
    with pytest.raises(ForeignFile) as error, CourseFile.opened(store, "file"):
        pass
    assert words in str(error.value)
    assert "file was not written by this project, or by a later version of it" in str(error.value)
    assert "move it away, or go back to the version that wrote it" in str(error.value)
    with pytest.raises(ForeignColumns):
        todays_table(found.empty_table(), PROGRESS_SCHEMA)


def test_a_long_name_of_a_column_makes_no_long_message() -> None:
    found = PROGRESS_SCHEMA
    for number in range(50):
        found = found.append(pa.field(f"{number}\n" + "x" * 500, pa.int8()))
    with pytest.raises(ForeignColumns) as error:
        SchemaChange.between(found, PROGRESS_SCHEMA)
    assert len(str(error.value)) < 600
    assert "\n" not in str(error.value)


def test_a_file_of_today_is_read_as_it_is(root: Any) -> None:
    table = PROGRESS_SCHEMA.empty_table()
    change = SchemaChange.between(table.schema, PROGRESS_SCHEMA)
    assert change.complete(table) is table
    assert change.in_file(["status"]) == ["status"]
    assert change.in_file(None) is None


def test_a_file_of_a_later_version_fails_alone_and_says_so(
    root: Any, caplog: pytest.LogCaptureFixture
) -> None:
    company = Company(root)
    company.run(0)
    table = published(root).append_column("score", pa.array([1, 2, 3], pa.int64()))
    rewrite(company.store, company.path(0), table)
    with caplog.at_level(logging.WARNING):
        report = company.run(1)
    assert report.failures == {}
    assert "column 'score' is unknown" in caplog.text
    assert progress_file(TESTS, COURSE, day(0)) in caplog.text
