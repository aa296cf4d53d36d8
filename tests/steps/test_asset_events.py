from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.execution_time.context import OutletEventAccessors

from tests.steps.world import LEARNERS, SPENT, World, item, refusal, unit_of
from zoho_people.assets.datasets import dataset_uri
from zoho_people.model.outcome import POSTPONED

DAG_ID = "zoho_learner_progress"


@pytest.fixture
def planned(world: World) -> World:
    world.params["entity_types"] = ["files"]
    world.plan()
    return world


@pytest.fixture
def published(planned: World) -> World:
    planned.fetch(item(LEARNERS[0]), 3)
    planned.fetch(item(LEARNERS[1]), 0)
    planned.counted("fetch", SPENT, {**SPENT, "last_at": 520.0})
    planned.publish()
    return planned


def told(world: World, *datasets: str) -> set[str]:
    """What events there are of *datasets* below the output path, and of the DAG's own asset."""
    uris = {f"{DAG_ID}.{dataset} -> {dataset_uri(str(world.root), dataset)}" for dataset in datasets}
    return {DAG_ID, *uris}


def test_the_datasets_that_a_run_wrote_are_told_of_by_their_uris(published: World) -> None:
    assert set(published.events) == told(published, "learner_progress", "coverage")


def test_every_event_says_what_came_of_the_run(published: World) -> None:
    events = published.events
    datasets = events[DAG_ID].pop("datasets")
    assert events[DAG_ID].pop("output_path") == str(published.root)
    assert datasets == [dataset_uri(str(published.root), name) for name in ("learner_progress", "coverage")]
    [extra] = {json.dumps(each) for each in events.values()}
    assert json.loads(extra) == {
        "snapshot_date": published.request.snapshot_date.isoformat(),
        "rows": 3,
        "learners": 2,
        "coverage": {"asked": 2, "answered": 2, "missing": 0},
        "files_changed": 1,
        "requests": 4,
        "minutes": 7.0,
    }


def test_publishing_a_complete_run_once_more_tells_of_it_once_more(published: World) -> None:
    first = dict(published.events)
    published.report()
    published.outlet_events = OutletEventAccessors()
    published.publish()
    assert published.events.keys() == first.keys()
    assert published.events[DAG_ID]["snapshot_date"] == published.request.snapshot_date.isoformat()


def test_no_event_names_anybody(published: World) -> None:
    text = json.dumps(published.events)
    assert not [word for word in (*LEARNERS, "file 1000", "zoho_people_default") if word in text]


def test_rows_that_are_carried_forward_count_and_nobody_is_counted_twice(world: World) -> None:
    world.params["entity_types"] = ["files", "links"]
    world.ask_for_everybody(c5=[11, 12], c6=[11])
    for each in world.plan():
        world.fetch(each, 2 if each["entity_type"] == "files" else 0)
    world.publish()
    world.begin_run("manual__2")
    world.ask_for_everybody(c5=[11, 12], c6=[11])
    world.plan()
    world.publish()
    extra: dict[str, Any] = world.events[DAG_ID]
    assert (extra["rows"], extra["learners"], extra["requests"], extra["minutes"]) == (6, 2, 0, 0.0)
    assert extra["coverage"] == {"asked": 0, "answered": 0, "missing": 0}


def test_a_run_with_rosters_tells_of_courses_and_learners_too(world: World) -> None:
    world.params["entity_types"] = ["files"]
    world.ask_for_everybody(c5=[11])
    for each in world.plan():
        world.fetch(each, 1)
    world.publish()
    assert set(world.events) == told(world, "learner_progress", "coverage", "courses", "learners")


@pytest.mark.parametrize("elsewhere", [True, False])
def test_learners_are_told_of_where_they_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, elsewhere: bool
) -> None:
    root = tmp_path / "names"
    if elsewhere:
        world.lists_root = root
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT", str(root) if elsewhere else "off")
    world.params["entity_types"] = ["files"]
    world.ask_for_everybody(c5=[11])
    for each in world.plan():
        world.fetch(each, 1)
    world.publish()
    own = {f"{DAG_ID}.learners -> file://{root}/learners"} if elsewhere else set()
    assert set(world.events) == told(world, "learner_progress", "coverage", "courses") | own


def test_an_incomplete_snapshot_is_told_of_once_it_is_completed(planned: World) -> None:
    planned.fetch(item(LEARNERS[0]), 3)
    assert "1 of 2 units are missing" in refusal(planned.publish)
    assert planned.events == {}
    planned.fetch(item(LEARNERS[1]), 0)
    planned.publish()
    assert planned.events[DAG_ID]["coverage"] == {"asked": 2, "answered": 2, "missing": 0}


def test_what_is_left_for_another_day_is_told_as_missing(planned: World) -> None:
    planned.fetch(item(LEARNERS[0]), 3)
    noted_at = datetime.now(UTC)
    planned.staging.add_outcome(unit_of(item(LEARNERS[1])), "failed", POSTPONED, noted_at, planned.run_id)
    planned.publish()
    assert planned.events[DAG_ID]["coverage"] == {"asked": 2, "answered": 1, "missing": 1}


def test_a_path_that_is_too_long_for_airflow_is_published_without_events_of_its_datasets(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.root = world.root / "/".join(["ä" * 100] * 3)
    world.params |= {"entity_types": ["files"], "output_path": str(world.root)}
    for each in world.plan():
        world.fetch(each, 1)
    world.publish()
    assert set(world.events) == {DAG_ID}
    assert "There is no event of the asset coverage: its URI is longer than Airflow takes" in caplog.text
