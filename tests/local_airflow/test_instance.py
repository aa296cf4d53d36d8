"""A real local Airflow: it runs DAGs, gets up again after a kill, and leaves nothing behind."""

import os
import signal
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local_airflow import processes
from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow

DAG = textwrap.dedent(
    """
    from airflow.sdk import dag, task, Variable

    @dag(schedule=None)
    def greetings():
        @task
        def greet(name):
            print("hello", name, Variable.get("greeting"))
            return name

        greet.expand(name=["Ada", "Grace"])

    greetings()
    """
)


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAirflow]:
    folder = tmp_path_factory.mktemp("instance")
    (folder / "dags").mkdir()
    (folder / "dags" / "greetings.py").write_text(DAG)
    env = {"AIRFLOW_VAR_GREETING": "and welcome"}
    with LocalAirflow(
        folder / "home", dags=folder / "dags", env=env, pools={"zoho_people_api": 7}
    ) as running:
        yield running
    assert processes.of_instance(running.home) == []


@pytest.mark.emulated
def test_it_runs_a_dag_and_tells_of_its_tasks(airflow: LocalAirflow):
    run_id = airflow.api.trigger_dag("greetings", {})
    assert airflow.api.wait_for_run("greetings", run_id, timeout_s=90) == "success"
    states = {(task["map_index"], task["state"]) for task in airflow.api.task_instances("greetings", run_id)}
    assert states == {(0, "success"), (1, "success")}
    assert "hello Grace and welcome" in airflow.api.task_log("greetings", run_id, "greet", 1, map_index=1)
    assert {xcom["value"] for xcom in airflow.api.xcoms("greetings", run_id)} == {"Ada", "Grace"}


@pytest.mark.emulated
def test_it_is_loaded_with_the_projects_settings_and_can_be_changed(airflow: LocalAirflow):
    pool = airflow.api.pool("zoho_people_api")
    assert (pool["slots"], pool["include_deferred"]) == (7, True)
    airflow.api.set_pool("zoho_people_api", 9, include_deferred=True)
    assert airflow.api.pool("zoho_people_api")["slots"] == 9
    airflow.api.set_variable("zoho_learner_progress_output", "/elsewhere")
    assert airflow.api.get("/variables/zoho_learner_progress_output")["value"] == "/elsewhere"


@pytest.mark.emulated
@pytest.mark.parametrize("component", ["triggerer", "scheduler"])
def test_a_component_killed_with_its_children_comes_back(airflow: LocalAirflow, component: str):
    killed_at = datetime.now(UTC)
    killed = airflow.kill(component)
    assert len(killed) > 1
    airflow.wait_until_healthy(60, since=killed_at)
    assert airflow.states()[component].pid not in killed


@pytest.mark.emulated
def test_children_of_a_component_that_died_alone_are_ended_by_its_successor(airflow: LocalAirflow):
    killed_at = datetime.now(UTC)
    children = {each.pid for each in processes.of_instance(airflow.home, component="scheduler")}
    parent = airflow.states()["scheduler"].pid
    os.kill(parent, signal.SIGKILL)
    airflow.wait_until_healthy(60, since=killed_at)
    now = {each.pid for each in processes.of_instance(airflow.home, component="scheduler")}
    assert not children & now


@pytest.mark.emulated
def test_what_is_left_of_a_killed_supervisord_is_ended_by_the_next_start(tmp_path: Path):
    with LocalAirflow(tmp_path / "home") as first:
        left = processes.of_instance(first.home)
        supervisord = int((first.home / "supervisord.pid").read_text())
        os.kill(supervisord, signal.SIGKILL)
        with LocalAirflow(tmp_path / "home"):
            now = {process.pid for process in processes.of_instance(first.home)}
            assert not now & {process.pid for process in left}
    assert processes.of_instance(first.home) == []


@pytest.mark.emulated
def test_an_emulator_starts_and_stops_with_its_block():
    with LocalEmulator(courses=1, learners=2) as emulator:
        assert len(emulator.control.organisation()["learner_ids"]) == 2
    assert not emulator.control.is_up()
