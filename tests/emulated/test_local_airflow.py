"""A real local Airflow: it runs DAGs, gets up again after a kill, and leaves nothing behind."""

import os
import signal
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from local_airflow import login, processes
from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow

pytestmark = pytest.mark.emulated

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
    left = folder / "home" / "tmp" / "zoho-people-of-a-killed-worker"
    left.mkdir(parents=True)
    env = {"AIRFLOW_VAR_GREETING": "and welcome"}
    with pytest.MonkeyPatch.context() as caller:
        caller.setenv("GITHUB_TOKEN", "hush")
        with LocalAirflow(
            folder / "home",
            dags=folder / "dags",
            env=env,
            pools={"zoho_people_api": 7},
            login=login.load_or_make(folder / "home"),
        ) as running:
            assert not left.exists()
            yield running
    assert processes.of_instance(running.home) == []


def test_it_runs_a_dag_and_tells_of_its_tasks(airflow: LocalAirflow):
    run_id = airflow.api.trigger_dag("greetings", {})
    assert airflow.api.wait_for_run("greetings", run_id, timeout_s=90) == "success"
    states = {(task["map_index"], task["state"]) for task in airflow.api.task_instances("greetings", run_id)}
    assert states == {(0, "success"), (1, "success")}
    assert "hello Grace and welcome" in airflow.api.task_log("greetings", run_id, "greet", 1, map_index=1)
    assert {xcom["value"] for xcom in airflow.api.xcoms("greetings", run_id)} == {"Ada", "Grace"}


@pytest.mark.parametrize("path", ["/", "/auth/login", "/api/v2/monitor/health", "/execution/health"])
def test_only_what_is_addressed_to_this_machine_is_answered(airflow: LocalAirflow, path: str):
    port = airflow.configuration.port
    assert httpx.get(airflow.url + path).is_success
    assert httpx.get(f"http://localhost:{port}{path}").is_success
    for host in ("evil.example", f"evil.example:{port}"):
        assert httpx.get(airflow.url + path, headers={"Host": host}).status_code == 403
    assert httpx.post(airflow.url + path, headers={"Origin": "http://evil.example"}).status_code == 403


def test_nothing_is_told_or_done_without_the_login(airflow: LocalAirflow):
    assert httpx.get(f"{airflow.url}/api/v2/connections").status_code == 401
    assert httpx.get(f"{airflow.url}/auth/token").status_code == 403
    wrong = {"username": "admin", "password": "admin"}
    assert httpx.post(f"{airflow.url}/auth/token", json=wrong).status_code == 401


def test_what_it_writes_is_for_its_owner_only(airflow: LocalAirflow):
    files = [airflow.home, *airflow.home.rglob("*")]
    assert any(path.suffix == ".log" for path in files)
    # A link, and a socket that came and went, have no mode that counts.
    modes = {path: path.stat().st_mode & 0o077 for path in files if path.is_file() or path.is_dir()}
    ours = {"supervisord.conf", "supervisord.out", "airflow.db.version", "migration.log"}
    assert {path for path, mode in modes.items() if mode and path.name not in ours} == set()
    assert modes[airflow.home] == 0


def test_no_component_has_a_secret_of_the_callers_shell(airflow: LocalAirflow):
    names = [set(process.environ()) for process in processes.of_instance(airflow.home)]
    assert len(names) > 4
    assert not [each for each in names if "GITHUB_TOKEN" in each]


def test_it_is_loaded_with_the_projects_settings_and_can_be_changed(airflow: LocalAirflow):
    pool = airflow.api.pool("zoho_people_api")
    assert (pool["slots"], pool["include_deferred"]) == (7, True)
    airflow.api.set_pool("zoho_people_api", 9, include_deferred=True)
    assert airflow.api.pool("zoho_people_api")["slots"] == 9
    airflow.api.set_variable("zoho_learner_progress_output", "/elsewhere")
    assert airflow.api.get("/variables/zoho_learner_progress_output")["value"] == "/elsewhere"


def test_components_that_are_killed_with_their_children_or_alone_come_back(airflow: LocalAirflow):
    """One that died alone leaves children: its successor ends them."""
    killed_at = datetime.now(UTC)
    killed = airflow.kill("triggerer")
    assert len(killed) > 1
    left = {each.pid for each in processes.of_instance(airflow.home, component="scheduler")}
    alone = airflow.states()["scheduler"].pid
    os.kill(alone, signal.SIGKILL)
    assert len(left) > 1
    airflow.wait_until_healthy(120, since=killed_at)
    assert airflow.states()["triggerer"].pid not in killed
    assert airflow.states()["scheduler"].pid != alone
    now = {each.pid for each in processes.of_instance(airflow.home, component="scheduler")}
    assert not left & now


def test_what_is_left_of_a_killed_supervisord_is_ended_by_the_next_start(airflow: LocalAirflow):
    """The last test of *airflow*: it leaves none."""
    left = processes.of_instance(airflow.home)
    os.kill(int((airflow.home / "supervisord.pid").read_text()), signal.SIGKILL)
    with LocalAirflow(airflow.home, login=airflow.login):
        now = {process.pid for process in processes.of_instance(airflow.home)}
        assert not now & {process.pid for process in left}
    assert processes.of_instance(airflow.home) == []


def test_an_emulator_starts_and_stops_with_its_block():
    with LocalEmulator(courses=1, learners=2) as emulator:
        assert len(emulator.control.organisation()["learner_ids"]) == 2
    assert not emulator.control.is_up()
