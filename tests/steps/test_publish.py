from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from airflow.sdk.exceptions import AirflowSkipException

from tests.helpers.fakes import page
from tests.helpers.lists import refuse
from tests.helpers.metrics_backend import Backend
from tests.steps.world import (
    ALL_TYPES,
    CONN_ID,
    COURSES,
    LEARNERS,
    SPENT,
    STEPS_LOGGER,
    World,
    connect,
    item,
    refusal,
    unit_of,
)
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import POSTPONED
from zoho_people.model.unit import Course
from zoho_people.steps.publish import publish_snapshot
from zoho_people.storage.layout import courses_file, learners_file, progress_file
from zoho_people.zoho.page import Page

CURE = "What could be had is published. Clear the run's failed tasks to complete the same snapshot."


@pytest.fixture
def planned(world: World) -> World:
    """A run of two units, which are planned."""
    world.params["entity_types"] = ["files"]
    world.plan()
    return world


@pytest.fixture
def fetched(planned: World) -> World:
    """A run in which nothing is missing: three files and none."""
    planned.fetch(item(LEARNERS[0]), 3)
    planned.fetch(item(LEARNERS[1]), 0)
    return planned


def note(world: World, learner_id: str, outcome: str, error: str) -> None:
    """As a task does that got no rows."""
    world.staging.add_outcome(unit_of(item(learner_id)), outcome, error, datetime.now(UTC), world.run_id)


def progress_path(world: World, course: str = COURSES[0]) -> Path:
    return world.root / progress_file(EntityType.FILES, Course.parse(course), world.request.snapshot_date)


def outcomes(world: World) -> dict[str, str]:
    return {row["learner_id"]: row["outcome"] for row in world.coverage}


class TestPublishing:
    def test_pushes_counts_and_paths_only(self, fetched: World) -> None:
        published = fetched.publish()
        assert published == {
            "files": 1,
            "files_changed": 1,
            "rows": 3,
            "rows_carried": 0,
            "rows_by_entity_type": {"files": 3},
            "failures": {},
            "coverage": published["coverage"],
            "spent": {
                "requests": 0,
                "held_seconds": 0,
                "first_at": None,
                "last_at": None,
                "by_day": {},
                "locked": [],
            },
            "answers": {"asked": 2, "answered": 2, "missing": 0, "postponed": 0},
            "quota_left": None,
            "problem": "",
            "complete": True,
            "clear_number": 0,
            "folder_url": "",
        }
        assert not [text for text in (*LEARNERS, "file 1000") if text in json.dumps(published)]

    def test_puts_what_was_fetched_where_readers_look(self, fetched: World) -> None:
        fetched.publish()
        rows = pq.read_table(progress_path(fetched)).to_pylist()
        assert [(row["learner_id"], row["entity_id"]) for row in rows] == [
            (LEARNERS[0], str(number)) for number in (1000, 1001, 1002)
        ]

    def test_says_what_came_of_every_unit(self, fetched: World) -> None:
        published = fetched.publish()
        assert outcomes(fetched) == {LEARNERS[0]: "fetched", LEARNERS[1]: "empty"}
        assert {row["dag_run_id"] for row in fetched.coverage} == {fetched.run_id}
        assert (fetched.root / published["coverage"]).is_file()

    def test_is_told_in_the_log(self, fetched: World, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
            published = fetched.publish()
        assert (
            "Published 3 rows, 0 more carried forward: 1 file, 1 of them changed; coverage in "
            f"{published['coverage']}"
        ) in caplog.text

    def test_tells_fields_without_a_column_once_in_the_log_and_as_data(
        self, planned: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        records = ({"fileId": 1, "zone": 2, "size": 3},)
        for learner in LEARNERS:
            planned.staging.add_page(
                unit_of(item(learner)), Page(0, records, None), datetime.now(UTC), planned.run_id
            )
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
            planned.publish()
        assert caplog.messages.count("New fields, which are in attributes\nfiles: size, zone") == 1
        assert planned.xcoms["publish", "new_fields"] == {"files": ["size", "zone"]}
        caplog.clear()
        planned.publish()
        assert "New fields" not in caplog.text
        assert planned.xcoms["publish", "new_fields"] == {}

    def test_adds_up_what_all_tasks_have_spent(self, fetched: World) -> None:
        fetched.xcoms["list_courses", "counts"] = {**SPENT, "pages": 1, "first_at": 50.0}
        fetched.counted("read_rosters", SPENT, {**SPENT, "last_at": 400.0})
        fetched.counted("fetch", SPENT, SPENT)
        assert fetched.publish()["spent"] == {
            "requests": 10,
            "held_seconds": 570.0,
            "first_at": 50.0,
            "last_at": 400.0,
            "by_day": {"1970-01-01": 10},
            "locked": [],
        }

    def test_tells_airflows_metrics_what_came_of_the_run(self, fetched: World, backend: Backend) -> None:
        fetched.counted("fetch", SPENT)
        fetched.publish()
        assert backend.values == {
            "zoho_people.slot_seconds:g": 114.0,
            "zoho_people.locked_seconds:g": 0.0,
            "zoho_people.coverage.asked:g": 2,
            "zoho_people.coverage.answered:g": 2,
            "zoho_people.coverage.missing:g": 0,
            "zoho_people.coverage.postponed:g": 0,
        }

    def test_says_what_is_left_of_the_days_quota(
        self, fetched: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(monkeypatch, fetched.server, daily_limit=100, reserve_percent=20)
        fetched.counted("fetch", {**SPENT, "by_day": {datetime.now(UTC).date().isoformat(): 7}})
        assert fetched.publish()["quota_left"] == 73
        fetched.hook.gate.close_for_the_day(time.time())
        assert fetched.publish()["quota_left"] == 0

    def test_again_changes_nothing(self, fetched: World) -> None:
        fetched.publish()
        before, coverage = progress_path(fetched).stat(), fetched.coverage
        again = fetched.publish()
        assert (again["rows"], again["files_changed"]) == (3, 0)
        assert progress_path(fetched).stat().st_ino == before.st_ino
        assert fetched.coverage == coverage

    def test_carries_forward_whom_the_run_did_not_have_to_ask(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[11])
        [only] = world.plan()
        world.fetch(only, 2)
        world.publish()
        world.begin_run("the next")
        world.ask_for_everybody(c5=[11])
        assert world.plan() == []
        published = world.publish()
        assert (published["rows"], published["rows_carried"], published["problem"]) == (0, 2, "")
        assert outcomes(world) == {"11": "carried_forward"}

    def test_of_which_nothing_was_planned_publishes_nothing_and_says_where_to_look(
        self, world: World
    ) -> None:
        world.check()
        assert refusal(world.publish) == (
            "nothing was planned: the log of plan, or of the first task that failed, says why"
        )
        assert world.files("coverage") == []
        assert ("publish", "published") not in world.xcoms

    def test_of_a_plan_that_has_nobody_is_refused_as_the_plan_was(self, world: World) -> None:
        world.ask_for_everybody(c5=[])
        refusal(world.plan)
        assert refusal(world.publish).startswith("nothing was planned: ")

    def test_of_which_nothing_was_asked_for_says_where_to_look(self, world: World) -> None:
        why = refusal(lambda: publish_snapshot(world.context(), conn_id=CONN_ID))
        assert why == "nothing was asked for: the log of check_request says why"


class TestWhatIsMissing:
    def test_fails_the_task_by_name_and_the_rest_is_published(self, planned: World) -> None:
        planned.fetch(item(LEARNERS[0]), 3)
        why = refusal(planned.publish)
        assert why == (
            f"1 of 2 units are missing: course {COURSES[0]}, learner {LEARNERS[1]}, files (not fetched). {CURE}"
        )
        assert planned.published["problem"] == why
        assert planned.published["complete"] is False
        assert pq.read_table(progress_path(planned)).num_rows == planned.published["rows"] == 3
        assert outcomes(planned) == {LEARNERS[0]: "fetched", LEARNERS[1]: "failed"}

    def test_and_comes_later_completes_the_same_snapshot(self, planned: World) -> None:
        planned.fetch(item(LEARNERS[0]), 3)
        refusal(planned.publish)
        planned.fetch(item(LEARNERS[1]), 2)
        planned.clear_number = 1
        published = planned.publish()
        assert (published["rows"], published["problem"]) == (5, "")
        assert (published["complete"], published["clear_number"]) == (True, 1)
        assert pq.read_table(progress_path(planned)).num_rows == 5

    def test_is_named_with_its_reason(self, planned: World) -> None:
        note(planned, LEARNERS[0], "forbidden", "HTTP 403")
        planned.staging.add_page(
            unit_of(item(LEARNERS[1])), page(0, 2, more=True), datetime.now(UTC), planned.run_id
        )
        why = refusal(planned.publish)
        assert why.startswith("2 of 2 units are missing: ")
        assert f"learner {LEARNERS[0]}, files (HTTP 403); " in why
        assert f"learner {LEARNERS[1]}, files (not finished). " in why

    def test_is_everything_where_no_request_was_sent(self, planned: World) -> None:
        assert refusal(planned.publish).startswith("2 of 2 units are missing: ")
        assert planned.published["files"] == 0

    def test_and_more_than_twenty_names_only_the_first(self, world: World) -> None:
        world.params["learner_ids"] = [str(number) for number in range(1, 12)]
        world.plan()
        why = refusal(world.publish)
        assert why.startswith("110 of 110 units are missing: ")
        assert why.count("learner ") == 20
        assert why.endswith(f"; …. {CURE}")

    def test_and_exactly_twenty_are_all_that_is_named(self, world: World) -> None:
        world.plan()
        why = refusal(world.publish)
        assert why.count("learner ") == 20
        assert "…" not in why

    def test_for_want_of_quota_is_no_failure(self, planned: World) -> None:
        planned.fetch(item(LEARNERS[0]), 3)
        note(planned, LEARNERS[1], "failed", POSTPONED)
        assert planned.publish()["problem"] == ""

    def test_and_was_not_found_is_no_failure_while_others_are_known(self, planned: World) -> None:
        planned.fetch(item(LEARNERS[0]), 3)
        note(planned, LEARNERS[1], "not_found", "x")
        assert planned.publish()["problem"] == ""

    def test_of_a_course_of_which_nobody_is_known_is_the_course(self, planned: World) -> None:
        for learner_id in LEARNERS:
            note(planned, learner_id, "not_found", "x")
        assert refusal(planned.publish) == (
            f"Zoho found none of the learners in: course {COURSES[0]}. Check the ids."
        )


class TestAFileThatCannotBeMerged:
    @pytest.fixture
    def world(self, world: World) -> World:
        world.params |= {"courses": ["5", "6"], "learner_ids": ["7"], "entity_types": ["files"]}
        for each in world.plan():
            world.fetch(each, 2)
        self.damaged = progress_path(world, "5")
        self.damaged.parent.mkdir(parents=True)
        self.damaged.write_bytes(b"no Parquet")
        return world

    def test_fails_the_task_by_name_and_stays_as_it_is(self, world: World) -> None:
        why = refusal(world.publish)
        path = str(self.damaged.relative_to(world.root))
        assert f"1 file could not be published: {path} can't be read" in why
        assert "1 of 2 units are missing: course 5, learner 7, files (not published: " in why
        assert list(world.published["failures"]) == [path]
        assert self.damaged.read_bytes() == b"no Parquet"

    def test_keeps_no_other_from_being_published(self, world: World) -> None:
        refusal(world.publish)
        assert pq.read_table(progress_path(world, "6")).num_rows == 2

    def test_is_published_once_it_is_moved_away(self, world: World) -> None:
        refusal(world.publish)
        self.damaged.unlink()
        assert world.publish()["problem"] == ""
        assert pq.read_table(progress_path(world, "5")).num_rows == 2


class TestPublishingThatBreaks:
    @staticmethod
    def block_state(world: World) -> None:
        """Have what is known of the course find no place: a folder has its name."""
        (world.root / "_state" / f"course-{COURSES[0]}.parquet").mkdir(parents=True)

    def test_leaves_the_coverage(self, fetched: World) -> None:
        self.block_state(fetched)
        with pytest.raises(IsADirectoryError):
            fetched.publish()
        assert outcomes(fetched) == {LEARNERS[0]: "fetched", LEARNERS[1]: "empty"}
        assert ("publish", "published") not in fetched.xcoms

    def test_leaves_the_coverage_where_a_list_is_damaged(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[11])
        world.plan()
        [staged] = world.root.rglob("rosters/course-5.arrow")
        staged.write_bytes(b"no Arrow")
        with pytest.raises(pa.ArrowInvalid):
            world.publish()
        assert outcomes(world) == {"11": "failed"}
        assert ("publish", "published") not in world.xcoms

    def test_has_settled_what_was_spent(self, fetched: World) -> None:
        today = datetime.now(UTC).date().isoformat()
        fetched.counted("fetch", {**SPENT, "by_day": {today: 7}})
        self.block_state(fetched)
        with pytest.raises(IsADirectoryError):
            fetched.publish()
        assert fetched.booked == {fetched.staging.key: 7}


class TestTheDailyBudget:
    @pytest.fixture
    def world(self, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
        connect(monkeypatch, world.server, daily_limit=10, reserve_percent=20)
        return world

    def test_is_settled_with_what_was_really_spent(self, world: World) -> None:
        items = world.plan()
        assert world.booked == {world.staging.key: 8}
        for each in items:
            world.fetch(each)
        today = datetime.now(UTC).date().isoformat()
        world.xcoms["list_courses", "counts"] = {**SPENT, "by_day": {today: 1}}
        world.counted(
            "fetch", {**SPENT, "by_day": {today: 2, "2020-01-01": 40}}, {**SPENT, "by_day": {today: 1}}
        )
        world.publish()
        assert world.booked == {world.staging.key: 4}

    def test_has_what_was_spent_for_a_plan_that_never_came_to_be(self, world: World) -> None:
        world.params |= {"courses": [], "learner_ids": []}
        world.check()
        today = datetime.now(UTC).date().isoformat()
        world.counted("read_rosters", {**SPENT, "by_day": {today: 5}})
        refusal(world.plan)
        refusal(world.publish)
        assert world.booked == {world.staging.key: 5}

    def test_that_leaves_units_for_another_day_is_no_failure_and_no_loss(self, world: World) -> None:
        world.params["learner_ids"] = LEARNERS[:1]
        items = world.plan()
        for each in items:
            world.fetch(each)
        assert world.publish()["problem"] == ""
        errors = {row["entity_type"]: row["error"] for row in world.coverage}
        asked = [each["entity_type"] for each in items]
        assert errors == {name: None if name in asked else POSTPONED for name in ALL_TYPES}
        world.variables.clear()
        world.tell_pools()
        world.begin_run("the next day's")
        left_out = [name for name in ALL_TYPES if name not in asked]
        assert [each["entity_type"] for each in world.plan() if each["entity_type"] in left_out] == left_out


class TestRosters:
    @pytest.fixture
    def world(self, world: World) -> World:
        world.params["entity_types"] = ["files"]
        return world

    def plan_all(self, world: World, **learners_of: Any) -> None:
        world.ask_for_everybody(**learners_of)
        for each in world.plan():
            world.fetch(each, 1)

    def test_that_were_read_are_published(self, world: World) -> None:
        self.plan_all(world, c5=[12, 11], c6=[])
        world.publish()
        day = world.request.snapshot_date
        courses = pq.read_table(world.root / courses_file(day)).to_pylist()
        assert [row["course_id"] for row in courses] == ["5", "6"]
        learners = pq.read_table(world.root / learners_file(Course("5"), day)).to_pylist()
        assert [row["learner_id"] for row in learners] == ["11", "12"]

    def test_that_were_not_read_are_not_published(self, fetched: World) -> None:
        fetched.publish()
        assert fetched.files("courses") == fetched.files("learners") == []

    def test_of_a_file_are_not_published(self, world: World) -> None:
        world.ask_by_file("course_id,learner_id\n5,11\n")
        for each in world.plan():
            world.fetch(each, 1)
        world.publish()
        assert world.files("courses") == world.files("learners") == []

    def test_that_could_not_be_read_fail_the_task_by_course(self, world: World) -> None:
        world.ask_for_everybody(c5=[11], c6=None, c7=None)
        refuse(world.lists, COURSE_LEARNERS.of(Course("6")), "HTTP 403")
        for each in world.plan():
            world.fetch(each, 1)
        assert refusal(world.publish) == (
            "the learners of 2 courses are not known: course 6 (HTTP 403); course 7 (not read). What could be had "
            "is published. Clear read_rosters with what follows it to complete the same snapshot."
        )
        assert pq.read_table(progress_path(world, "5")).num_rows == 1

    def test_that_could_not_be_read_are_read_by_what_fetches_the_missing_units_too(
        self, world: World
    ) -> None:
        world.ask_for_everybody(c5=[11], c6=None)
        world.plan()
        why = refusal(world.publish)
        assert why.startswith("1 of 1 units are missing: ")
        assert why.endswith("Clear read_rosters with what follows it to complete the same snapshot.")

    def test_that_cannot_be_merged_fail_the_task_by_name(self, world: World) -> None:
        self.plan_all(world, c5=[11])
        damaged = world.root / courses_file(world.request.snapshot_date)
        damaged.parent.mkdir(parents=True)
        damaged.write_bytes(b"no Parquet")
        why = refusal(world.publish)
        assert f"1 file could not be published: {courses_file(world.request.snapshot_date)}: " in why
        assert pq.read_table(progress_path(world, "5")).num_rows == 1


class TestADryRun:
    @pytest.fixture
    def world(self, world: World) -> World:
        world.params["dry_run"] = True
        world.plan()
        return world

    def test_publishes_nothing(self, world: World) -> None:
        with pytest.raises(AirflowSkipException):
            world.publish()
        assert world.files("") == []

    def test_has_its_rosters_counted(self, world: World) -> None:
        today = datetime.now(UTC).date().isoformat()
        world.xcoms["list_courses", "counts"] = {**SPENT, "by_day": {today: 3}}
        with pytest.raises(AirflowSkipException):
            world.publish()
        assert world.booked == {world.staging.key: 3}
