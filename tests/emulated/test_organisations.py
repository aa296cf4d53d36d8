"""Two organisations in one Airflow at once, each with a DAG of its own: they share nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from tests.emulated.conftest import THRESHOLD, WINDOW_S
from tests.emulated.journey import FEW_TYPES, LOCK_S, Journey, comparable, truth_of

pytestmark = pytest.mark.emulated

FILE = """
# Two Airflow DAGs.
from airflow.sdk import BaseNotifier

from zoho_people import learner_progress_dag


class Notes(BaseNotifier):
    template_fields = ("text",)

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.text = "{{{{ zoho_people.alert }}}} of {{{{ zoho_people.dag_id }}}}"

    def notify(self, context):
        with open(self.path, "a") as file:
            print(self.text, file=file)


for name, output_path in {outputs!r}.items():
    learner_progress_dag(
        dag_id=f"zoho_{{name}}",
        conn_id=f"zoho_people_{{name}}",
        pool=f"zoho_people_{{name}}_api",
        publish_pool=f"zoho_people_{{name}}_publish",
        schedule="@daily",
        output_path=output_path,
        extra_datasets=["learner_courses"] if name == "us" else [],
        **dict.fromkeys(("on_failure", "on_incomplete", "on_quota_low", "on_lock"), Notes(output_path + ".notes")),
    )
"""


@dataclass
class Organisation:
    """One of the two: its DAG, and what its emulator has."""

    name: str
    journey: Journey

    @property
    def course(self) -> str:
        return str(self.journey.courses()[0]["course_id"])

    def ask_for_a_course(self) -> None:
        """By the Variables of its DAG."""
        learners = self.journey.get("organisation")["learner_ids"]
        quoted = ", ".join(f'"{learner}"' for learner in learners)
        self.journey.airflow.api.set_variable(f"zoho_{self.name}_courses", f'["{self.course}"]')
        self.journey.airflow.api.set_variable(f"zoho_{self.name}_learners", f"[{quoted}]")

    def start(self) -> str:
        """Start a run as its schedule would, but for the entity types."""
        return self.journey.airflow.api.trigger_dag(self.journey.dag_id, {"entity_types": FEW_TYPES})

    def told(self) -> set[str]:
        """What the tasks that use its connection have told each other of, as far as it is still there."""
        own = f"_{self.journey.conn_id}"
        keys = [variable["key"] for variable in self.journey.airflow.api.variables()]
        return {key.removeprefix("zoho_people_").partition(own)[0] for key in keys if own in key}

    def alerts(self, *, least: int = 0) -> list[str]:
        """The alerts of its DAG, as soon as there are *least*: the dag-processor has a rhythm of its own."""
        notes = self.journey.output.with_name(f"{self.name}.notes")
        for _ in range(60):
            found = notes.read_text().splitlines() if notes.exists() else []
            if len(found) >= least:
                return found
            time.sleep(1.0)
        raise AssertionError(f"of {least} alerts only {found} came")


@pytest.fixture
def organisations(
    airflow: LocalAirflow, emulator: LocalEmulator, more_dags: Path, tmp_path: Path
) -> Iterator[tuple[Organisation, Organisation]]:
    def organisation(name: str, of: LocalEmulator, slots: int) -> Organisation:
        journey = Journey(
            airflow,
            of,
            tmp_path / name,
            WINDOW_S,
            THRESHOLD,
            dag_id=f"zoho_{name}",
            conn_id=f"zoho_people_{name}",
            pool=f"zoho_people_{name}_api",
            publish_pool=f"zoho_people_{name}_publish",
        )
        journey.start_anew()
        airflow.api.set_pool(journey.pool, slots, include_deferred=True)
        return Organisation(name, journey)

    other = LocalEmulator(courses=2, learners=3, seed=11, threshold=THRESHOLD, window_seconds=WINDOW_S)
    file = more_dags / "organisations.py"
    file.write_text(FILE.format(outputs={name: str(tmp_path / name) for name in ("eu", "us")}))
    with other:
        yield organisation("eu", emulator, 12), organisation("us", other, 6)
    file.unlink()


def test_a_lock_of_one_keeps_the_other_from_nothing_and_each_has_its_own_rows_and_alerts(
    organisations: tuple[Organisation, Organisation], airflow: LocalAirflow
) -> None:
    eu, us = organisations
    for each in organisations:
        each.ask_for_a_course()
    eu.journey.connect(daily_limit=13, reserve_percent=0)
    eu.journey.post("faults", [{"match": {"nth": 2}, "action": {"type": "locked", "seconds": LOCK_S}}])
    run_of = {each.name: each.start() for each in organisations}

    for each in organisations:
        run_id = run_of[each.name]
        assert each.journey.finish(run_id) == "success", each.journey.log(run_id, "report")
        assert {task["try_number"] for task in each.journey.fetch_tasks(run_id)} == {1}

    locked_at = next(
        entry["at"] for entry in eu.journey.get("journal")["entries"] if entry["decision"] == "fault:locked"
    )
    while_locked = (locked_at + 8, locked_at + LOCK_S)  # by then whoever had begun to send is done
    assert [at for at in eu.journey.arrivals() if while_locked[0] < at < while_locked[1]] == []
    assert [at for at in us.journey.arrivals() if locked_at < at < while_locked[1]]
    assert_every_course_of_every_learner_is_there(us.journey)
    assert len(us.journey.arrivals()) == 12 + 3
    assert eu.journey._table("learner_courses") == []
    assert eu.told() - us.told() == {"lock_claim", "lock_told"}
    assert {"access_token", "requests"} <= us.told()
    for each in organisations:
        rows = comparable(each.journey.rows())
        assert rows == truth_of(each.journey, each.course, FEW_TYPES)
        assert {row["dag_run_id"] for row in each.journey.full_rows()} == {run_of[each.name]}
    assert not set(comparable(eu.journey.rows())) & set(comparable(us.journey.rows()))
    assert airflow.api.pool("zoho_people_api")["occupied_slots"] == 0

    assert eu.alerts() == ["quota_low of zoho_eu", "lock of zoho_eu"]
    refused = airflow.api.trigger_dag(eu.journey.dag_id, {"include": ["name:not beside named learners"]})
    assert eu.journey.finish(refused) == "failed"
    assert eu.alerts(least=3)[2:] == ["failure of zoho_eu"]
    assert us.alerts() == []


def assert_every_course_of_every_learner_is_there(journey: Journey) -> None:
    """In the dataset that its DAG reads besides: of all courses, not only of the one that the run is about."""
    rows = journey._table("learner_courses")
    courses, learners = journey.courses(), journey.get("organisation")["learner_ids"]
    assert len(rows) == len(courses) * len(learners)
    assert {row["course_id"] for row in rows} == {str(course["course_id"]) for course in courses}
    assert {row["learner_id"] for row in rows} == set(map(str, learners))
    assert {row["status"] for row in rows} <= {"completed", "inprogress"}
