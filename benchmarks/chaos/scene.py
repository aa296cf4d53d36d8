"""The scene of all trials: one real Airflow and one emulator, and how both are brought back to a clean slate."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from local_airflow import project
from local_airflow.api import AirflowApi
from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from local_airflow.problem import ApiProblem, Problem
from local_airflow.settings import read as read_settings
from tests.emulated.journey import CLIENT_SECRET, REFRESH_TOKEN

T = TypeVar("T")
CONN_ID = "zoho_people_default"
API_POOL = "zoho_people_api"
OTHER_DAGS = (Path(__file__).with_name("other_dag.py"), Path(__file__).with_name("seen_dag.py"))
PATIENCE_S = 180.0
_HTTP = httpx.Client(timeout=60, trust_env=False)
SHARED = "zoho_people_"
"""How the names of the Variables begin that the tasks share among themselves (token, lock, counts)."""

QUICK_TO_NOTICE = {
    # Airflow's defaults (300 s for a task, 30 s for the others) would only make the table take longer.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "15",
}


@dataclass(frozen=True)
class Scale:
    """The emulator's limits, and the organisation's size; the pool has as many slots as the threshold.

    Tasks lose their slots early in a pool of *lost_from*, which a slow machine can fill within the window.
    """

    threshold: int = 30
    window_s: float = 20.0
    lock_s: float = 40.0
    lost_from: int = 8
    courses: int = 3
    learners: int = 32
    seed: int = 7


@dataclass
class Scene:
    """A running Airflow and a running emulator; trials come one after the other."""

    airflow: LocalAirflow
    emulator: LocalEmulator
    folder: Path
    scale: Scale
    _settings: dict[str, Any] = field(default_factory=dict)

    @property
    def api(self) -> AirflowApi:
        """Airflow's REST API."""
        return self.airflow.api

    def patiently(self, call: Callable[[], T]) -> T:
        """The answer of *call*, which is made again while Airflow is down or starting."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return call()
            except (httpx.HTTPError, ApiProblem) as problem:
                refused = isinstance(problem, ApiProblem) and problem.status < 500
                if refused or time.monotonic() > deadline:
                    raise
            time.sleep(1.0)

    def ask(self, route: str, **query: Any) -> Any:
        """The answer of one of the emulator's control routes."""
        return self._control("GET", route, params=query).json()

    def tell(self, route: str, body: Any = None, **query: Any) -> Any:
        """The same with POST."""
        return self._control("POST", route, params=query, json=body).json()

    def truth_lines(self, **query: Any) -> str:
        """The emulator's truth, a unit a line."""
        return self._control("GET", "truth", params=query).text

    def set(self, **settings: Any) -> None:
        """Change settings of the emulator until the next clean slate."""
        self.tell("settings", settings)

    def connect(self, **extra: Any) -> None:
        """Write the connection, with the scale's window and lock unless *extra* says otherwise."""
        url = self.emulator.url
        connection = {
            "connection_id": CONN_ID,
            "conn_type": "zoho_people",
            "host": url,
            "login": "emulated-client-id",
            "password": CLIENT_SECRET,
            "extra": json.dumps(
                {
                    "refresh_token": REFRESH_TOKEN,
                    "accounts_url": url,
                    "window_seconds": self.scale.window_s,
                    "lock_seconds": self.scale.lock_s,
                    "timeout_seconds": 5,
                    **extra,
                }
            ),
        }
        self.patiently(lambda: self.api.set_connection(connection))

    def set_slots(self, slots: int) -> None:
        """Let the pool have *slots* slots."""
        change = {"pool": API_POOL, "slots": slots, "include_deferred": True, "description": ""}
        self.patiently(lambda: self.api.call("PATCH", f"/pools/{API_POOL}", json=change))

    def clean_slate(self) -> None:
        """Nothing runs, nothing is locked, no token is known, no fault is scripted, all settings are back."""
        self._wait_until_idle()
        self._settings = self._settings or self.ask("settings")
        self.tell("settings", self._settings)
        self.tell("reset")
        self._forget_what_tasks_share()
        self.connect()

    def _wait_until_idle(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.patiently(lambda: self.api.pool(API_POOL))["occupied_slots"]:
            if time.monotonic() > deadline:
                raise Problem(f"The pool {API_POOL} is still in use {PATIENCE_S:.0f} s after the last trial.")
            time.sleep(1.0)

    def _forget_what_tasks_share(self) -> None:
        for name in (str(each["key"]) for each in self.patiently(self.api.variables)):
            if name.startswith(SHARED):
                self.patiently(lambda name=name: self.api.delete_variable(name))

    def _control(self, method: str, route: str, **options: Any) -> httpx.Response:
        answer = _HTTP.request(method, f"{self.emulator.url}/_emulator/{route}", **options)
        return answer.raise_for_status()


@contextmanager
def opened(folder: Path, scale: Scale) -> Iterator[Scene]:
    """A scene of its own in *folder*, for as long as the block lasts."""
    dags = folder / "dags"
    dags.mkdir(parents=True)
    for source in (*project.DAGS.glob("*.py"), *OTHER_DAGS):
        shutil.copy(source, dags / source.name)
    settings = read_settings(project.SETTINGS).without_connection(CONN_ID)
    with LocalEmulator(
        courses=scale.courses,
        learners=scale.learners,
        seed=scale.seed,
        threshold=scale.threshold,
        window_seconds=scale.window_s,
        lock_seconds=scale.lock_s,
        extra_args=["--max-entities", "40"],
        log=folder / "emulator.log",
    ) as emulator:
        airflow = LocalAirflow(
            folder / "airflow",
            env={
                **QUICK_TO_NOTICE,
                # The least that a run takes.
                "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": f"{scale.window_s + 10:.0f}",
                "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(folder.resolve()),
            },
            pools={API_POOL: scale.threshold},
            parallelism=max(8, scale.lost_from),
            dags=dags,
            settings=settings,
        )
        with airflow:
            yield Scene(airflow, emulator, folder, scale)
