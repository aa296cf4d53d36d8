from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.lists import COURSE_LIST, course_item, stage_list, stage_organisation
from tests.helpers.samples import DAY, RUN_ID, at
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES
from zoho_people.endpoints.rows import fingerprint
from zoho_people.model.unit import Course
from zoho_people.publishing.lists import ListFile, publish_lists
from zoho_people.staging.list_pages import ListStaging
from zoho_people.storage.schema import COURSES_SCHEMA, LEARNERS_SCHEMA

COURSES_FILE = "courses/snapshot_date=2026-01-02/courses.parquet"
LEARNERS = "learners/snapshot_date=2026-01-02"


@pytest.fixture
def rosters(root: Any) -> ListStaging:
    return ListStaging(root, "run-1")


def stage_course(root: Any, run: str, *learners: Any, minute: int = 0, course_id: int = 1) -> ListStaging:
    """A run about one self-paced course."""
    staging = ListStaging(root, run)
    course = Course(str(course_id))
    stage_list(staging, COURSE_LIST, course_item(course_id), minute=minute)
    staging.choose([course])
    stage_list(staging, COURSE_LEARNERS.of(course), *learners, minute=minute)
    return staging


def read(staging: ListStaging, path: str) -> pa.Table:
    with staging.store.open(path) as source:
        return pq.ParquetFile(source).read()


def changed(report: list[ListFile]) -> list[str]:
    return [file.path for file in report if file.changed]


def failed(report: list[ListFile]) -> list[str]:
    return [file.path for file in report if file.error]


class TestCourses:
    def test_are_listed_with_their_batches_and_whatever_else_zoho_said(self, rosters: ListStaging) -> None:
        stage_list(
            rosters,
            COURSE_LIST,
            {
                "courseId": 9007199254740993,
                "courseName": "Safety",
                "type": 2,
                "publishStatus": "draft",
                "x": [1],
            },
        )
        rosters.choose([])
        batch = {
            "batchId": "21",
            "courseId": "9007199254740993",
            "name": "One",
            "learnersCount": 3,
            "type": "odd",
        }
        stage_list(rosters, BATCHES.of(Course("9007199254740993")), batch, minute=1)
        publish_lists(rosters, DAY)
        table = read(rosters, COURSES_FILE)
        assert table.schema.equals(COURSES_SCHEMA)
        common = {"course_id": "9007199254740993", "type": "blended", "dag_run_id": RUN_ID}
        assert table.to_pylist() == [
            {
                **common,
                "batch_id": None,
                "name": "Safety",
                "publish_status": "draft",
                "attributes": '{"x": [1]}',
                "fetched_at": at(0),
            },
            {
                **common,
                "batch_id": "21",
                "name": "One",
                "publish_status": None,
                "attributes": '{"learnersCount": 3, "type": "odd"}',
                "fetched_at": at(1),
            },
        ]

    def test_of_a_word_that_nobody_knows_keep_it(self, rosters: ListStaging) -> None:
        stage_list(
            rosters, COURSE_LIST, course_item(1, "Self-Paced"), course_item(2, "virtual"), course_item(3, 9.5)
        )
        rosters.choose([])
        publish_lists(rosters, DAY)
        rows = read(rosters, COURSES_FILE).to_pylist()
        assert [row["type"] for row in rows] == ["self_paced", None, None]
        assert [row["attributes"] for row in rows] == ["{}", '{"type": "virtual"}', '{"type": 9.5}']

    def test_of_another_run_of_the_day_stay(self, root: Any) -> None:
        publish_lists(stage_course(root, "a", course_id=1), DAY)
        staging = stage_course(root, "b", course_id=2, minute=5)
        publish_lists(staging, DAY)
        assert read(staging, COURSES_FILE)["course_id"].to_pylist() == ["1", "2"]

    def test_fetched_last_win_in_whatever_order_runs_publish(self, root: Any) -> None:
        earlier, later = ListStaging(root, "a"), ListStaging(root, "b")
        stage_list(earlier, COURSE_LIST, course_item(1, courseName="old"), course_item(2), minute=1)
        stage_list(later, COURSE_LIST, course_item(1, courseName="new"), minute=2)
        for staging in (later, earlier):
            staging.choose([])
            publish_lists(staging, DAY)
        assert read(later, COURSES_FILE)["name"].to_pylist() == ["new", "course 2"]


class TestLearners:
    def test_are_rows_with_names_and_the_progress_in_the_course(self, root: Any) -> None:
        item = {
            "learnerId": 9007199254740993,
            "learnerName": "Zoë 李",
            "emailId": "zoe@example.com",
            "status": "inprogress",
            "completionPercentage": 33.25,
            "lastActivityTime": 1735689600000,
        }
        staging = stage_course(root, "a", item)
        publish_lists(staging, DAY)
        table = read(staging, f"{LEARNERS}/course-1.parquet")
        assert table.schema.equals(LEARNERS_SCHEMA)
        assert table.to_pylist() == [
            {
                "course_id": "1",
                "batch_id": None,
                "learner_id": "9007199254740993",
                "learner_name": "Zoë 李",
                "email": "zoe@example.com",
                "status": "inprogress",
                "completion_percentage": 33.25,
                "attributes": '{"lastActivityTime": 1735689600000}',
                "mark": fingerprint(item),
                "fetched_at": at(0),
                "dag_run_id": RUN_ID,
            }
        ]

    def test_of_odd_fields_lose_nothing(self, root: Any) -> None:
        item = {"learnerId": "5", "learnerName": ["x"], "completionPercentage": "80 %", "status": None}
        staging = stage_course(root, "a", item)
        publish_lists(staging, DAY)
        [row] = read(staging, f"{LEARNERS}/course-1.parquet").to_pylist()
        assert [row["learner_name"], row["email"], row["status"], row["completion_percentage"]] == [None] * 4
        assert json.loads(row["attributes"]) == {"learnerName": ["x"], "completionPercentage": "80 %"}

    def test_of_each_batch_have_a_file_of_their_own(self, rosters: ListStaging) -> None:
        stage_organisation(rosters)
        report = publish_lists(rosters, DAY)
        assert [file.path for file in report] == [
            COURSES_FILE,
            f"{LEARNERS}/course-1.parquet",
            f"{LEARNERS}/course-2-batch-21.parquet",
            f"{LEARNERS}/course-2-batch-22.parquet",
        ]
        [row] = read(rosters, f"{LEARNERS}/course-2-batch-21.parquet").to_pylist()
        assert (row["course_id"], row["batch_id"], row["learner_id"]) == ("2", "21", "11")
        assert read(rosters, f"{LEARNERS}/course-2-batch-22.parquet").num_rows == 0
        assert [file.rows for file in report[1:]] == [2, 1, 0]
        assert (len(changed(report)), failed(report)) == (4, [])

    def test_who_left_are_gone_with_the_next_roster_of_the_day(self, root: Any) -> None:
        publish_lists(stage_course(root, "a", 11, 12), DAY)
        staging = stage_course(root, "b", 12, 13, minute=1)
        publish_lists(staging, DAY)
        assert read(staging, f"{LEARNERS}/course-1.parquet")["learner_id"].to_pylist() == ["12", "13"]

    def test_of_an_earlier_roster_that_is_published_later_change_nothing(self, root: Any) -> None:
        publish_lists(stage_course(root, "b", 12, 13, minute=1), DAY)
        staging = stage_course(root, "a", 11, 12)
        publish_lists(staging, DAY)
        assert read(staging, f"{LEARNERS}/course-1.parquet")["learner_id"].to_pylist() == ["12", "13"]

    def test_of_an_incomplete_roster_are_not_published(self, rosters: ListStaging) -> None:
        stage_list(rosters, COURSE_LIST, course_item(1))
        rosters.choose([Course("1")])
        assert [file.path for file in publish_lists(rosters, DAY)] == [COURSES_FILE]

    def test_of_another_day_stay(self, root: Any) -> None:
        staging = stage_course(root, "a", 11)
        publish_lists(staging, DAY)
        publish_lists(staging, DAY + timedelta(days=1))
        assert staging.store.exists(f"{LEARNERS}/course-1.parquet")
        assert staging.store.exists("learners/snapshot_date=2026-01-03/course-1.parquet")


def test_publishing_again_touches_nothing(rosters: ListStaging) -> None:
    stage_organisation(rosters)
    paths = changed(publish_lists(rosters, DAY))
    assert len(paths) == 4
    written_at = [rosters.store.fs.modified(rosters.store.full(path)) for path in paths]
    assert changed(publish_lists(rosters, DAY)) == []
    assert [rosters.store.fs.modified(rosters.store.full(path)) for path in paths] == written_at


def test_a_run_without_lists_publishes_nothing(rosters: ListStaging) -> None:
    assert publish_lists(rosters, DAY) == []
    assert rosters.store.names("") == []


@pytest.mark.parametrize("content", [b"", b"not Parquet at all", "foreign"])
def test_one_file_that_cannot_be_merged_keeps_no_other_from_it(rosters: ListStaging, content: Any) -> None:
    stage_organisation(rosters)
    path = f"{LEARNERS}/course-1.parquet"
    if content == "foreign":
        with rosters.store.replacing(path) as temporary:
            pq.write_table(pa.table({"learner_id": ["1"]}), temporary)
        content = rosters.store.read(path)
    else:
        rosters.store.write(path, content)
    report = publish_lists(rosters, DAY)
    assert failed(report) == [path]
    assert rosters.store.read(path) == content
    assert len(changed(report)) == 3
