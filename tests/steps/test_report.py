from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from airflow.sdk.exceptions import AirflowSkipException

from tests.steps.world import (
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
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import POSTPONED
from zoho_people.model.unit import Course
from zoho_people.staging.run_marker import MARKER
from zoho_people.storage.layout import progress_file


@pytest.fixture
def world(world: World, caplog: pytest.LogCaptureFixture) -> World:
    """A run of two units, which are planned; its first was fetched."""
    caplog.set_level(logging.INFO, logger=STEPS_LOGGER)
    world.params["entity_types"] = ["files"]
    world.plan()
    world.fetch(item(LEARNERS[0]), 3)
    return world


@pytest.fixture
def complete(world: World) -> World:
    world.fetch(item(LEARNERS[1]), 0)
    return world


class TestMemory:
    @pytest.mark.parametrize("step", ["plan", "publish", "report"])
    def test_is_given_back_by_each_step(self, complete: World, step: str) -> None:
        complete.publish()
        pa.set_memory_pool(pa.mimalloc_memory_pool())
        getattr(complete, step)()
        assert pa.default_memory_pool().backend_name == "system"


class TestARunThatIsComplete:
    def test_is_summed_up_by_course_and_entity_type(
        self, complete: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        complete.publish()
        complete.report()
        [summary] = [text for text in caplog.messages if text.startswith("Summary of snapshot_date=")]
        first, _, course, line, *_ = summary.splitlines()
        assert first == f"Summary of snapshot_date={complete.request.snapshot_date}"
        assert course.split() == ["course", COURSES[0]]
        assert line.split()[:3] == ["files", "2", "3"]
        assert not [learner for learner in LEARNERS if learner in caplog.text]

    def test_says_what_it_spent(self, complete: World, caplog: pytest.LogCaptureFixture) -> None:
        complete.counted("fetch", {**SPENT, "requests": 12, "first_at": 100.0, "last_at": 220.0}, SPENT)
        complete.publish()
        complete.report()
        assert (
            "14 requests sent; slots held for 228 s; 23 % of the limit of 30 in 60 s used" in caplog.messages
        )

    def test_says_what_it_spent_of_the_slots_that_the_pool_has(
        self, complete: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        complete.xcoms["check_request", "return_value"]["slots"] = 10
        complete.counted("fetch", {**SPENT, "requests": 12, "first_at": 100.0, "last_at": 220.0}, SPENT)
        complete.publish()
        complete.report()
        assert (
            "14 requests sent; slots held for 228 s; 70 % of the limit of 10 in 60 s used" in caplog.messages
        )

    def test_that_sent_nothing_is_reported_too(
        self, complete: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        complete.publish()
        complete.report()
        assert "0 requests sent; slots held for 0 s; 0 % of the limit of 30 in 60 s used" in caplog.messages

    def test_keeps_its_plan_but_nothing_that_was_fetched(self, complete: World) -> None:
        complete.publish()
        complete.report()
        assert not complete.staging.progress(unit_of(item(LEARNERS[0]))).done
        assert [path.name for path in complete.files("_staging")] == ["plan.parquet", MARKER]

    def test_leaves_what_another_run_staged(self, complete: World) -> None:
        complete.publish()
        run_id = complete.run_id
        complete.run_id = "another"
        complete.fetch(item(LEARNERS[0]), 1)
        complete.run_id = run_id
        complete.report()
        complete.run_id = "another"
        assert complete.staging.progress(unit_of(item(LEARNERS[0]))).done

    def test_may_be_published_once_more_and_nothing_changes(self, complete: World) -> None:
        complete.publish()
        complete.report()
        files, coverage = complete.files("learner_progress"), complete.coverage
        assert complete.publish()["files_changed"] == 0
        complete.report()
        assert (complete.files("learner_progress"), complete.coverage) == (files, coverage)

    def test_may_have_one_of_its_tasks_cleared(self, complete: World) -> None:
        complete.publish()
        complete.report()
        complete.fetch(item(LEARNERS[1]), 2)
        assert complete.publish()["rows"] == 2
        complete.report()
        assert {row["learner_id"]: row["rows"] for row in complete.coverage} == {
            LEARNERS[0]: 3,
            LEARNERS[1]: 2,
        }

    def test_with_rosters_may_be_published_once_more(self, complete: World) -> None:
        _complete_with_rosters(complete)
        learners = {path: path.read_bytes() for path in complete.files("learners")}
        assert complete.publish()["problem"] == ""
        complete.report()
        assert {path: path.read_bytes() for path in complete.files("learners")} == learners
        assert pq.read_table(*learners)["learner_name"].to_pylist() == ["Ada Lovelace"]

    def test_keeps_no_name_and_no_address_in_staging(self, complete: World) -> None:
        _complete_with_rosters(complete)
        staged = b"".join(_decoded(path) for path in complete.files("_staging"))
        assert b"11" in staged
        assert b"Ada Lovelace" not in staged
        assert b"ada@example.com" not in staged

    def test_with_rosters_may_be_planned_once_more(self, complete: World) -> None:
        _complete_with_rosters(complete)
        complete.plan()
        assert complete.figures["by_reason"] == {"carried": 1}
        assert complete.publish()["problem"] == ""


def _complete_with_rosters(world: World) -> None:
    """A run by Zoho's lists, from its check to its report."""
    world.begin_run("everybody")
    ada = {"learnerId": "11", "learnerName": "Ada Lovelace", "emailId": "ada@example.com"}
    world.ask_for_everybody(c5=[ada])
    assert b"Ada Lovelace" in b"".join(_decoded(path) for path in world.files("_staging"))
    for each in world.plan():
        world.fetch(each, 1)
    world.publish()
    world.report()


def _decoded(path: Path) -> bytes:
    """What a table has, or the file as it is."""
    if path.suffix == ".parquet":
        return repr(pq.read_table(path).to_pydict()).encode()
    if path.suffix == ".arrow":
        with pa.OSFile(str(path)) as file:
            return repr(pa.ipc.open_file(file).read_all().to_pydict()).encode()
    return path.read_bytes()


class TestARunInWhichSomethingIsMissing:
    def test_keeps_its_rosters_so_that_learners_can_be_published(self, world: World) -> None:
        world.begin_run("everybody")
        world.ask_for_everybody(c5=[{"learnerId": "11", "learnerName": "Ada Lovelace"}])
        world.plan()
        refusal(world.publish)
        refusal(world.report)
        assert b"Ada Lovelace" in b"".join(_decoded(path) for path in world.files("_staging"))

    def test_fails_with_what_publishing_failed_with(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        why = refusal(world.publish)
        assert refusal(world.report) == why
        assert "Summary of snapshot_date=" in caplog.text

    def test_keeps_its_staging_so_that_it_can_be_completed(self, world: World) -> None:
        refusal(world.publish)
        refusal(world.report)
        assert world.staging.progress(unit_of(item(LEARNERS[0]))).done
        assert world.plan_file.exists()
        world.fetch(item(LEARNERS[1]), 1)
        world.publish()
        world.report()
        assert not world.staging.progress(unit_of(item(LEARNERS[0]))).done

    def test_fails_with_the_file_that_could_not_be_merged(self, world: World) -> None:
        damaged = world.root / progress_file(
            EntityType.FILES, Course(COURSES[0]), world.request.snapshot_date
        )
        damaged.parent.mkdir(parents=True)
        damaged.write_bytes(b"no Parquet")
        assert refusal(world.publish) == refusal(world.report)
        assert "1 file could not be published: " in world.published["problem"]
        assert world.published["complete"] is False

    def test_for_want_of_quota_alone_is_no_failure(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        unit = unit_of(item(LEARNERS[1]))
        world.staging.add_outcome(unit, "failed", POSTPONED, datetime.now(UTC), world.run_id)
        world.publish()
        world.report()
        assert "Left for another day: 1 unit, since no requests are left today" in caplog.messages
        assert not world.staging.progress(unit_of(item(LEARNERS[0]))).done

    def test_since_nothing_was_published_says_where_to_look(self, world: World) -> None:
        assert refusal(world.report) == "nothing was published: the log of publish says why"
        assert world.plan_file.exists()


def test_units_that_the_plan_left_for_another_day_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connect(monkeypatch, world.server, daily_limit=3, reserve_percent=0)
    world.begin_run("another")
    for each in world.plan():
        world.fetch(each)
    world.publish()
    world.report()
    assert "Left for another day: 1 unit, since no requests are left today" in caplog.messages


class TestADryRun:
    @pytest.fixture
    def world(self, world: World) -> World:
        world.begin_run("dry")
        world.params["dry_run"] = True
        world.check()
        return world

    def test_has_nothing_to_report(self, world: World) -> None:
        world.plan()
        with pytest.raises(AirflowSkipException):
            world.publish()
        with pytest.raises(AirflowSkipException):
            world.report()

    def test_whose_plan_was_refused_fails_though_publishing_is_skipped(self, world: World) -> None:
        with pytest.raises(AirflowSkipException):
            world.publish()
        assert refusal(world.report) == (
            "nothing was planned: the log of plan, or of the first task that failed, says why"
        )


def test_a_run_of_which_nothing_was_asked_for_says_where_to_look(world: World) -> None:
    world.begin_run("refused")
    assert refusal(world.report) == "nothing was asked for: the log of check_request says why"
