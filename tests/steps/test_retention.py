"""What the deployer's ``retention_days`` does to a run."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from tests.steps.world import COURSES, LEARNERS, STEPS_LOGGER, World, item, refusal

OPTION = "AIRFLOW__ZOHO_PEOPLE__RETENTION_DAYS"


@pytest.fixture
def world(world: World, caplog: pytest.LogCaptureFixture) -> World:
    """A run all of which is fetched, beside a snapshot of 90 days ago."""
    caplog.set_level(logging.INFO, logger=STEPS_LOGGER)
    world.params["entity_types"] = ["files"]
    for each in world.plan():
        world.fetch(each, 1)
    old = datetime.now(UTC).date() - timedelta(days=90)
    for dataset in ("learners", "coverage"):
        folder = world.root / dataset / f"snapshot_date={old}"
        folder.mkdir(parents=True)
        (folder / "course-1.parquet").write_bytes(b"x")
    return world


def test_publishing_removes_what_is_older_and_says_so_without_a_learner(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(OPTION, "learners=30, coverage=400")
    caplog.clear()
    assert world.publish()["problem"] == ""
    assert world.files("learners") == []
    assert len(world.files("coverage")) == 2
    [message] = [each for each in caplog.messages if "Removed" in each]
    assert message.startswith("Removed learners of ")
    assert "1 files, older than 30 days" in message
    assert not [learner for learner in LEARNERS if learner in caplog.text]


def test_everything_that_is_removed_is_told_however_much_that_is(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=age) for age in range(40, 45)]
    for dataset in ("courses", "changes"):
        for day in days:
            folder = world.root / dataset / f"snapshot_date={day}"
            folder.mkdir(parents=True)
            (folder / "courses.parquet").write_bytes(b"x")
    monkeypatch.setenv(OPTION, "learners=30, coverage=30, courses=30, changes=30")
    world.publish()
    told = {tuple(each.split()[1:4:2]) for each in caplog.messages if each.startswith("Removed ")}
    assert told == {
        *((dataset, f"{day}:") for dataset in ("courses", "changes") for day in days),
        *((dataset, f"{today - timedelta(days=90)}:") for dataset in ("learners", "coverage")),
    }


def test_days_that_are_still_needed_are_told_of_as_briefly_as_ever(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    today = datetime.now(UTC).date()
    for age in range(40, 48):
        folder = (
            world.root / f"learner_progress/entity_type=links/snapshot_date={today - timedelta(days=age)}"
        )
        folder.mkdir(parents=True)
        (folder / "course-1.parquet").write_bytes(b"x")
    (world.root / "_state").mkdir(exist_ok=True)
    (world.root / "_state/course-1.parquet").write_bytes(b"damaged")
    monkeypatch.setenv(OPTION, "learner_progress=30")
    world.publish()
    assert len([each for each in caplog.messages if each.startswith("Removed ")]) == 3


def test_nothing_is_removed_by_default(world: World) -> None:
    world.publish()
    assert len(world.files("learners")) == 1
    assert len(world.files("coverage")) == 2


def test_a_setting_that_cannot_be_is_refused_before_a_request(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPTION, "learners=30, learner=30")
    world.begin_run("another")
    sent = len(world.server.received)
    assert world.refused_check().startswith("[zoho_people] retention_days: 'learner=30' names no dataset")
    assert len(world.server.received) == sent


def test_what_cannot_be_removed_fails_the_run_loudly_and_all_is_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPTION, "learners=30")
    [file] = world.files("learners")
    file.unlink()
    file.mkdir()  # a folder can't be deleted as a file
    (file / "x").write_bytes(b"x")
    why = refusal(world.publish)
    assert "older than [zoho_people] retention_days says could be removed" in why
    assert {row["outcome"] for row in world.coverage} == {"fetched"}
    assert world.files("learner_progress")


def test_a_problem_of_the_run_is_told_beside_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPTION, "learners=30")
    world.begin_run("another")
    world.plan()
    world.fetch(item(LEARNERS[0], course=COURSES[0]), 1)
    assert "1 of 2 units are missing" in refusal(world.publish)
    assert world.files("learners") == []
