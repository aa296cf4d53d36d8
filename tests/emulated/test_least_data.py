"""Pseudonyms and no names, as a deployer may want it, in a real Airflow of that deployer's; and what changed.

It follows schedules, so that a DAG starts on another's asset; the DAG that fetches has none.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from tests.emulated.journey import DAG_ID, Journey, Row, assert_no_secret_in, comparable
from tests.helpers.kept_text import kept_text
from zoho_emulator.oddities import PEOPLE
from zoho_people.model.pseudonyms import Pseudonyms

pytestmark = pytest.mark.emulated

KEY = Pseudonyms("0123456789abcdef0123456789abcdef")
TYPES = ["files", "offline_tests"]
CHANGES_DAG_ID = f"{DAG_ID}_changes"
FILE = f"""
# Two Airflow DAGs.
from zoho_people import learner_progress_changes_dag, learner_progress_dag

learner_progress_dag(dag_id="{DAG_ID}", schedule=None)
learner_progress_changes_dag(dag_id="{CHANGES_DAG_ID}", progress_dag_id="{DAG_ID}")
"""
ENVIRONMENT = {
    "AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT": "off",
    "AIRFLOW__ZOHO_PEOPLE__PSEUDONYM_CONN_ID": "pseudonym_key",
    "AIRFLOW_CONN_PSEUDONYM_KEY": json.dumps({"conn_type": "generic", "password": KEY.secret}),
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    roots = {"AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(tmp_path_factory.getbasetemp())}
    dags = tmp_path_factory.mktemp("dags")
    (dags / "zoho.py").write_text(FILE)
    home = tmp_path_factory.mktemp("airflow")
    with LocalAirflow(home, env=ENVIRONMENT | roots, dags=dags, follows_schedules=True) as running:
        yield running


@pytest.fixture
def journey(airflow: LocalAirflow, emulator: LocalEmulator, tmp_path: Path) -> Iterator[Journey]:
    """Few requests, so that nothing has to be waited for."""
    started = Journey(airflow, emulator, tmp_path / "data", window_s=1.0, threshold=30)
    started.start_anew()
    yield started
    started.post("day", {"day": 0})


def truth(journey: Journey, course: str) -> list[Row]:
    """What Zoho has of *course*, its learners under their pseudonyms."""
    rows = (row for row in journey.truth(course) if row["entity_type"] in TYPES)
    return [{**row, "learner_id": KEY.of(row["learner_id"])} for row in rows]


def told(journey: Journey, run_id: str) -> str:
    """All that is below the output path, in Airflow's logs and database, and in the run's XComs."""
    home = journey.airflow.home
    database = "".join(path.read_bytes().decode("utf-8", "replace") for path in home.glob("airflow.db*"))
    xcoms = journey.airflow.api.xcoms(DAG_ID, run_id)
    return "\n".join([kept_text(journey.output), kept_text(home / "logs"), database, json.dumps(xcoms)])


def reasons(journey: Journey, run_id: str) -> Any:
    plans = journey.airflow.api.xcoms(DAG_ID, run_id, "plan")
    return next(entry["value"]["by_reason"] for entry in plans if entry["key"] == "plan")


def test_nobody_is_named_anywhere_and_rows_are_carried_forward_by_pseudonym(
    journey: Journey, secrets: tuple[str, ...]
) -> None:
    [course, *_] = journey.courses()
    people = list(journey.get("organisation")["learner_ids"])
    params = {"entity_types": TYPES, "skip_absent_types": False}

    state, first = journey.run([course["course_id"]], [], **params)

    assert state == "success", journey.log(first, "publish")
    before = truth(journey, course["course_id"])
    assert comparable(journey.rows()) == comparable(before)
    assert reasons(journey, first) == {"new": 6}

    file_as_the_day_before(journey)
    journey.airflow.api.wait_for_dag(CHANGES_DAG_ID)
    journey.airflow.api.pause_dag(CHANGES_DAG_ID, paused=False)
    journey.post("day", {"day": 2})
    state, second = journey.run([course["course_id"]], [], **params)

    assert state == "success", journey.log(second, "publish")
    after = truth(journey, course["course_id"])
    assert comparable(journey.rows()) == comparable(after)
    assert reasons(journey, second) == {"changed": 2, "carried": 4}
    assert_changes_are_told(journey, before, after)

    seen = told(journey, second)
    assert KEY.of(people[0]) in seen
    assert not [text for text in (*people, "@example.com", KEY.secret) if text in seen]
    # Rosters were read, each component logs all it can, and the temporary folder is in Airflow's home.
    assert_no_secret_in(journey.airflow.home, secrets)
    assert_no_secret_in(journey.output, secrets)
    # A record of progress may have the name of whoever marked it.
    shutil.rmtree(journey.output / "learner_progress")
    seen = told(journey, second)
    assert not [text for text in _names() if text in seen]


def file_as_the_day_before(journey: Journey) -> None:
    """Have today's snapshot stand under yesterday as well: no test waits for midnight."""
    for folder in sorted(journey.output.glob("*/**/snapshot_date=*")):
        day = date.fromisoformat(folder.name.partition("=")[2]) - timedelta(days=1)
        shutil.copytree(folder, folder.with_name(f"snapshot_date={day}"))


def assert_changes_are_told(journey: Journey, before: list[Row], after: list[Row]) -> None:
    """The run that the asset started has written what is other in Zoho, and told of it."""
    run_id, state = asset_triggered_run(journey)
    log = journey.airflow.api.task_log(CHANGES_DAG_ID, run_id, "compare", 1, -1)
    assert state == "success", log
    was, now = ({_key(row): (row["status"], row["user_mark"]) for row in rows} for rows in (before, after))
    assert was.keys() == now.keys()
    found = {
        _key(row): (row["status_before"], row["mark_before"], row["status_after"], row["mark_after"])
        for row in journey._table("changes")
    }
    assert found == {key: (*was[key], *now[key]) for key in was if was[key] != now[key]}
    assert found
    assert {row["dag_run_id"] for row in journey._table("changes")} == {run_id}
    assert "Changes of snapshot_date=" in log
    events = journey.airflow.api.get("/assets/events", source_run_id=run_id)["asset_events"]
    assert [sum(event["extra"]["changes"].values()) for event in by_day(events)] == [0, len(found)]
    noted = json.loads((journey.output / "_state/changes.json").read_text())
    assert noted == {event["extra"]["snapshot_date"]: True for event in events}


def by_day(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(events, key=lambda event: event["extra"]["snapshot_date"])


def _key(row: Row) -> tuple[str, str, str]:
    return row["learner_id"], row["entity_type"], row["entity_id"]


def asset_triggered_run(journey: Journey) -> tuple[str, str]:
    """The run that Airflow starts by itself, and the state that it ends in."""
    for _ in range(90):
        runs = journey.airflow.api.get(f"/dags/{CHANGES_DAG_ID}/dagRuns")["dag_runs"]
        if runs:
            [run] = runs
            assert run["run_type"] == "asset_triggered"
            run_id = run["dag_run_id"]
            return run_id, journey.airflow.api.wait_for_run(CHANGES_DAG_ID, run_id, timeout_s=300)
        time.sleep(1.0)
    raise AssertionError("the asset started no run")


def _names() -> list[str]:
    """What the emulator's learners are called, as a file or JSON has it."""
    return [*PEOPLE, *(json.dumps(name)[1:-1] for name in PEOPLE)]
