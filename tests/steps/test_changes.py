"""What the step of the DAG that tells changes makes of what started it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Asset
from airflow.sdk.execution_time.context import OutletEventAccessors

from tests.helpers.samples import unit
from tests.helpers.snapshots import fetched, told, write_day
from tests.steps.world import STEPS_LOGGER, World, refusal
from zoho_people.assets.datasets import dataset_uri
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.shared.process import Process
from zoho_people.steps.changes import tell_changes
from zoho_people.steps.dag_names import DagNames
from zoho_people.storage.claim import Claimed, Side, claimed
from zoho_people.storage.layout import coverage_file, progress_file
from zoho_people.storage.store import Store

DAG_ID, RUN_ID = "zoho_learner_progress_changes", "asset_triggered__2026-11-25T12:00:00+00:00"
ADA, BOB = unit("100002000000045011"), unit("100002000000045012")
OPEN, DONE = ("In progress", None), ("Completed", 80.0)
NOW = datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)
TODAY = date(2026, 11, 25)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def world(world: World, caplog: pytest.LogCaptureFixture) -> World:
    caplog.set_level(logging.INFO, logger=STEPS_LOGGER)
    return world


@pytest.fixture
def store(world: World) -> Store:
    """Three snapshots: in the second Ada has completed something, in the third Bob; she was not fetched then."""
    store = Store(str(world.root))
    write_day(store, {ADA: fetched(e1=OPEN), BOB: fetched(e1=OPEN)}, ago(2))
    write_day(store, {ADA: fetched(e1=DONE), BOB: fetched(e1=OPEN)}, ago(1))
    write_day(store, {BOB: fetched(e1=DONE)}, ago(0))
    return store


def context(
    world: World, *events: Mapping[str, Any] | None, conf: dict[str, Any] | None = None, **params: Any
) -> Any:
    given = {"snapshot_date": None, "output_path": None, **params}
    happened = [SimpleNamespace(extra=extra) for extra in events]
    return {
        "ti": SimpleNamespace(dag_id=DAG_ID),
        "run_id": RUN_ID,
        "params": given,
        "dag": SimpleNamespace(params=dict.fromkeys(given)),
        "dag_run": SimpleNamespace(conf=conf),
        "outlet_events": world.outlet_events,
        "triggering_asset_events": {Asset("zoho_learner_progress"): happened} if events else {},
    }


def event(store: Store, day: date) -> dict[str, Any]:
    """What an event of the DAG that fetches says, as far as it matters here."""
    return {"snapshot_date": day.isoformat(), "output_path": store.root, "rows": 3}


def tell(context: Any, names: DagNames | None = None) -> None:
    tell_changes(context, names=names or DagNames(), process=Process(now=NOW.timestamp, sleep=lambda _: None))


def kinds(store: Store, day: date) -> list[tuple[str, str]]:
    return [(row["learner_id"], row["change"]) for row in told(store, day)]


def announced(world: World) -> list[Any]:
    """The events of the datasets that Airflow has when the task succeeds."""
    return [each for accessor in world.outlet_events.values() for each in accessor.asset_alias_events]


def days_announced(world: World, context: Any) -> list[str]:
    """The days that a task in *context* has events of."""
    world.outlet_events = context["outlet_events"] = OutletEventAccessors()
    tell(context)
    return [each.extra["snapshot_date"] for each in announced(world)]


ADAS = [(ADA.learner_id, "completed")]
BOBS = [(BOB.learner_id, "completed")]


def test_the_snapshot_of_the_event_is_told_with_those_that_were_not_told_before(
    world: World, store: Store
) -> None:
    tell(context(world, event(store, ago(0))))
    assert (kinds(store, ago(1)), kinds(store, ago(0))) == (ADAS, BOBS)
    assert {row["dag_run_id"] for row in told(store, ago(0))} == {RUN_ID}


def test_each_day_is_in_the_log_and_in_an_event_of_its_own_and_names_nobody(
    world: World, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    tell(context(world, event(store, ago(0))))
    uri = dataset_uri(store.root, "changes")
    events = announced(world)
    assert {(each.source_alias_name, each.dest_asset_key.uri) for each in events} == {
        ("zoho_learner_progress_changes.changes", uri)
    }
    extras = [each.extra for each in events]
    assert [each["snapshot_date"] for each in extras] == [str(ago(days)) for days in (2, 1, 0)]
    assert extras[1] == {
        "snapshot_date": str(ago(1)),
        "previous_snapshot_date": str(ago(2)),
        "changes": {
            "added": 0,
            "gone": 0,
            "completed": 1,
            "reopened": 0,
            "mark_changed": 0,
            "status_changed": 0,
        },
        "learners": 1,
        "courses": 1,
        "units": {"compared": 2, "first_seen": 0, "unknown": 0, "not_kept": 0},
    }
    assert f"Changes of snapshot_date={ago(1)}: 1 completed; of 1 learner" in caplog.text
    assert f"Changes of snapshot_date={ago(2)}: none" in caplog.text
    assert "nothing to compare: no unit was known in an earlier snapshot" in caplog.text
    everything = caplog.text + json.dumps(extras)
    assert not [each for each in (ADA.learner_id, BOB.learner_id) if each in everything]


def test_where_nothing_changes_a_run_compares_its_own_day_and_announces_it_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(str(world.root))
    for days in range(20, 0, -1):
        write_day(store, {ADA: fetched(e1=DONE)}, ago(days))
    tell(context(world, event(store, ago(1))))
    write_day(store, {ADA: fetched(e1=DONE)}, ago(0))
    caplog.clear()
    assert days_announced(world, context(world, event(store, ago(0)))) == [str(ago(0))]
    assert caplog.text.count("Changes of snapshot_date=") == 1
    assert store.names("changes") == []
    assert days_announced(world, context(world, event(store, ago(0)))) == []


def test_a_day_that_is_told_anew_is_announced_where_its_files_say_others(world: World, store: Store) -> None:
    tell(context(world, event(store, ago(0))))
    again = context(world, output_path=store.root, snapshot_date=str(ago(2)))
    assert days_announced(world, again) == []
    write_day(store, {ADA: fetched(e1=DONE), BOB: fetched(e1=("Not started", None))}, ago(1))
    assert days_announced(world, again) == [str(ago(1)), str(ago(0))]


def test_what_a_task_that_failed_did_not_announce_the_next_one_does(world: World, store: Store) -> None:
    """Airflow takes the events of a task that succeeds; each day is announced by some task all the same."""
    said = {**event(store, ago(0)), "output_path": "/proc"}
    refusal(lambda: tell(context(world, said, event(store, ago(1)))))
    assert kinds(store, ago(1)) == ADAS
    days = [str(ago(days)) for days in (2, 1, 0)]
    assert days_announced(world, context(world, event(store, ago(0)))) == days


def test_a_task_that_is_ended_half_way_leaves_its_days_to_the_next_one(world: World, store: Store) -> None:
    tell(context(world, event(store, ago(0))))
    write_day(store, {ADA: fetched(e1=DONE), BOB: fetched(e1=DONE)}, ago(1))
    ended = context(world, event(store, ago(1)))
    ended["outlet_events"] = None
    with pytest.raises(TypeError):
        tell(ended)
    write_day(store, {ADA: fetched(e1=DONE), BOB: fetched(e1=DONE)}, TODAY + timedelta(days=1))
    days = [str(ago(days)) for days in (1, 0, -1)]
    assert days_announced(world, context(world, event(store, ago(-1)))) == days


def test_a_day_with_a_damaged_file_fails_one_task_and_is_announced_when_it_is_restored(
    world: World, store: Store
) -> None:
    path = progress_file(EntityType.ONLINE_TESTS, ADA.course, ago(1))
    whole = store.read(path)
    store.write(path, b"no parquet")
    refusal(lambda: tell(context(world, event(store, ago(1)))))
    other = unit(ADA.learner_id, Course("900"))
    write_day(store, {other: fetched(e1=DONE)}, ago(0), run="other")
    store.delete(coverage_file(ago(0), "run"))
    assert days_announced(world, context(world, event(store, ago(0)))) == [str(ago(2)), str(ago(0))]
    store.write(path, whole)
    assert days_announced(world, context(world, event(store, ago(1)))) == [str(ago(1))]
    assert kinds(store, ago(1)) == ADAS


def test_of_several_events_each_output_path_is_told_once(world: World, store: Store) -> None:
    other = Store(f"{store.root}/other")
    world.variables["zoho_learner_progress_output"] = store.root
    for number, values in enumerate((DONE, OPEN)):
        write_day(other, {ADA: fetched(e1=values)}, ago(number))
    tell(context(world, event(store, ago(0)), event(other, ago(0)), event(store, ago(1)), None))
    assert (kinds(store, ago(1)), kinds(store, ago(0))) == (ADAS, BOBS)
    assert kinds(other, ago(0)) == ADAS
    assert len(announced(world)) == 3 + 2


def test_by_hand_the_newest_snapshot_is_told_where_the_variable_says(world: World, store: Store) -> None:
    world.variables["zoho_learner_progress_output"] = store.root
    tell(context(world))
    assert kinds(store, ago(0)) == BOBS


def test_a_day_that_is_named_is_told_with_the_later_ones(world: World, store: Store) -> None:
    tell(context(world, output_path=store.root))
    write_day(store, {ADA: fetched(e1=OPEN), BOB: fetched(e1=DONE)}, ago(1))
    tell(context(world, event(store, ago(0)), output_path=store.root, snapshot_date=str(ago(1))))
    assert (kinds(store, ago(1)), kinds(store, ago(0))) == (BOBS, [])


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"snapshot_date": "yesterday"}, "snapshot_date 'yesterday' is no day; write it as 2026-11-23"),
        ({"snapshot_date": "2020-01-01"}, "there is no coverage of 2020-01-01 below"),
        ({"output_path": "data"}, "Param output_path 'data' is relative"),
        ({"output_path": "/proc"}, "is outside of where this Airflow may read and write"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    world: World, store: Store, params: dict[str, str], why: str
) -> None:
    assert why in refusal(lambda: tell(context(world, **{"output_path": store.root, **params})))
    assert store.names("changes") == []


def test_of_the_events_one_that_names_a_place_that_is_not_allowed_is_named_and_the_others_are_told(
    world: World, store: Store
) -> None:
    said = {**event(store, ago(0)), "output_path": "/proc"}
    why = refusal(lambda: tell(context(world, said, event(store, ago(0)))))
    assert "is outside of where this Airflow may read and write" in why
    assert kinds(store, ago(0)) == BOBS


def test_a_dag_whose_file_names_the_output_path_compares_there_and_below_only(
    world: World, store: Store
) -> None:
    names = DagNames(output_path=f"{store.root}/eu")
    why = refusal(lambda: tell(context(world, event(store, ago(0))), names))
    assert "by its file this DAG compares there and below only" in why


def test_an_unknown_param_is_refused(world: World, store: Store) -> None:
    asked = context(world, conf={"day": "2026-11-23"}, output_path=store.root)
    asked["params"]["day"] = "2026-11-23"
    assert "Param 'day' is unknown; allowed: output_path, snapshot_date" in refusal(lambda: tell(asked))


def test_an_output_path_without_a_snapshot_is_refused(world: World) -> None:
    world.root.mkdir(parents=True)
    why = refusal(lambda: tell(context(world, output_path=str(world.root))))
    assert "there is no coverage of any day below" in why
    assert "(the newest: none at all)" in why


def test_a_file_that_cannot_be_read_fails_the_task_after_all_else_is_told(world: World, store: Store) -> None:
    path = progress_file(EntityType.ONLINE_TESTS, ADA.course, ago(2))
    store.write(path, b"no parquet")
    why = refusal(lambda: tell(context(world, event(store, ago(0)))))
    assert why.startswith(f"1 comparison could not be made: {path} can't be read")
    assert why.endswith("See to that, and clear this task")
    assert kinds(store, ago(0)) == BOBS


def test_days_that_the_deployer_does_not_want_kept_are_not_told(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__RETENTION_DAYS", "changes=1,learners=9")
    tell(context(world, event(store, ago(0))))
    assert store.names("changes") == [f"snapshot_date={ago(days)}" for days in (1, 0)]
    assert f"snapshot_date={ago(2)}" not in caplog.text
    old = Store(f"{store.root}/old")
    write_day(old, {ADA: fetched(e1=OPEN)}, ago(3))
    tell(context(world, event(old, ago(3))))
    assert f"Nothing is told of {ago(3)}: days before {ago(1)} are not kept" in caplog.text


def test_while_learners_are_being_forgotten_nothing_is_told(world: World, store: Store) -> None:
    with claimed(store, Side.ERASURE, "forget"), pytest.raises(Claimed, match="learners are being forgotten"):
        tell(context(world, event(store, ago(0))))
    assert store.names("changes") == []


def test_a_run_of_its_own_pool_is_kept_apart_by_airflow_and_one_of_another_by_its_claim(
    world: World, store: Store
) -> None:
    with claimed(store, Side.RUN, "another-run", pool="zoho_people_publish"):
        with pytest.raises(Claimed, match="a run plans or publishes"):
            tell(context(world, event(store, ago(0))), DagNames(publish_pool="zoho_eu_publish"))
        tell(context(world, event(store, ago(0))))
    assert kinds(store, ago(0)) == BOBS


def test_what_a_run_of_the_dag_published_is_told(world: World) -> None:
    """From the event that a run tells Airflow of to the file that it leads to."""
    world.params["entity_types"] = ["files"]
    for each in world.plan():
        world.fetch(each, 1)
    store = Store(str(world.root))
    before = {unit(each, entity_type=EntityType.FILES): fetched() for each in world.params["learner_ids"]}
    write_day(store, before, ago(1))
    world.publish()
    said = world.events["zoho_learner_progress"]
    world.outlet_events = OutletEventAccessors()
    tell(context(world, said))
    assert [change for _, change in kinds(store, date.fromisoformat(said["snapshot_date"]))] == ["added"] * 2
