"""The contenders: how each is started, watched, killed and started again.

A contender's service (Airflow) is up before a run begins and its start is not measured, as it is up all day; what
happens after a `kill -9` of everything is measured with the start that it needs.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from benchmarks.peers.venvs import HERE, venv
from local_airflow import processes, project
from local_airflow.api import FINISHED
from local_airflow.instance import LocalAirflow
from local_airflow.problem import ApiProblem
from local_airflow.settings import Settings

SECRETS = {
    "client_id": "emulated-client-id",
    "client_secret": "emulated-client-secret",
    "refresh_token": "1000.emulated-refresh-token",
}
QUICK_TO_NOTICE = {
    # Airflow's defaults (300 s for a task, 30 s for a scheduler) would make all that live in Airflow take longer.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
}


@dataclass(frozen=True)
class Work:
    """What is asked of every contender, and the limits that it may know of."""

    url: str
    course_id: str
    learner_ids: tuple[str, ...]
    threshold: int
    window_s: float
    lock_s: float

    def units(self) -> list[dict[str, Any]]:
        """Each learner in each of the ten entity types."""
        return [
            {"course_id": self.course_id, "learner_id": learner, "entity_type": code}
            for learner in self.learner_ids
            for code in range(10)
        ]


class Contender(Protocol):
    """One way to get the data."""

    def up(self) -> None:
        """Start what runs all day."""

    def start(self, output: Path) -> None:
        """Begin a run that writes below *output*."""

    def state(self) -> str:
        """`running`, `success` or `failed`."""

    def kill(self) -> None:
        """End everything with SIGKILL."""

    def start_again(self) -> None:
        """Go on after a failure or a kill, as an operator would."""

    def abandon(self) -> None:
        """Give the run up."""

    def stop(self) -> None:
        """End everything."""


class Script:
    """A script in a virtual environment of its own; to go on is to start it again."""

    def __init__(self, work: Work, folder: Path, *, name: str, environment: str, **options: Any) -> None:
        self._folder = folder
        self._command = [str(venv(environment).python), str(HERE / name)]
        self._task = {
            "url": work.url,
            "units": work.units(),
            "threshold": work.threshold,
            "window_seconds": work.window_s,
            "lock_seconds": work.lock_s,
            **SECRETS,
            **options,
        }
        self._file = folder / "task.json"
        self._process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)

    def start(self, output: Path) -> None:
        state = self._folder / f"state-{output.name}"
        self._file.write_text(json.dumps({**self._task, "output": str(output), "state": str(state)}))
        self.start_again()

    def state(self) -> str:
        status = self._process.poll() if self._process else 1
        return "running" if status is None else "success" if status == 0 else "failed"

    def kill(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def start_again(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, str(self._file)],
                cwd=self._folder,
                env={**os.environ, "PYTHONPATH": str(HERE), "RUNTIME__DLTHUB_TELEMETRY": "false"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def abandon(self) -> None:
        self.kill()

    def stop(self) -> None:
        self.kill()


class InAirflow(ABC):
    """A DAG in an Airflow of its own.

    After a kill Airflow is started again and goes on with the run by itself; the failed tasks of a run that failed
    are cleared with what follows them.
    """

    def __init__(
        self, folder: Path, *, dag_id: str, pool: tuple[str, int], env: Mapping[str, str], dags: Path
    ) -> None:
        self._home = folder / "airflow"
        self._dag_id = dag_id
        self._settings: Settings | None = None
        self._pools = dict([pool])
        self._env = {**QUICK_TO_NOTICE, **env}
        self._dags = dags
        self._airflow: LocalAirflow | None = None
        self._run_id = ""

    @abstractmethod
    def conf(self, output: Path) -> dict[str, Any]:
        """The conf of a run."""

    def up(self) -> None:
        self._airflow = LocalAirflow(
            self._home, env=self._env, dags=self._dags, settings=self._settings, pools=self._pools
        )
        self._airflow.start()
        self._airflow.api.wait_for_dag(self._dag_id)
        # Pools and connections stay in Airflow's database: a start after a kill writes none.
        self._settings, self._pools = Settings(), {}

    def start(self, output: Path) -> None:
        self._run_id = self._running.api.trigger_dag(self._dag_id, self.conf(output))

    def state(self) -> str:
        try:
            state = str(self._running.api.run(self._dag_id, self._run_id)["state"])
        except (httpx.HTTPError, ApiProblem) as problem:
            # A busy API server may be late; that is no end of the run.
            print(f"{self._dag_id}: {problem!r}", flush=True)
            return "running"
        return state if state in FINISHED else "running"

    def kill(self) -> None:
        while found := processes.of_instance(self._home):
            processes.send(found, signal.SIGKILL)
            processes.wait_until_gone(self._home, timeout_s=1)
        self._running.stop()
        self._airflow = None

    def start_again(self) -> None:
        if self._airflow is None:
            self.up()
            return
        body = {
            "dag_run_id": self._run_id,
            "only_failed": True,
            "include_downstream": True,
            "reset_dag_runs": True,
            "dry_run": False,
        }
        self._airflow.api.call("POST", f"/dags/{self._dag_id}/clearTaskInstances", json=body)

    def abandon(self) -> None:
        path = f"/dags/{self._dag_id}/dagRuns/{self._run_id}"
        self._running.api.call("PATCH", path, json={"state": "failed"})

    def stop(self) -> None:
        if self._airflow is not None:
            self._airflow.stop()

    @property
    def _running(self) -> LocalAirflow:
        assert self._airflow is not None  # noqa: S101 - after `up`
        return self._airflow


class ThisProject(InAirflow):
    """The DAG of this project, with its pool as large as the threshold."""

    def __init__(self, work: Work, folder: Path) -> None:
        extra = {
            "refresh_token": SECRETS["refresh_token"],
            "accounts_url": work.url,
            "window_seconds": work.window_s,
            "lock_seconds": work.lock_s,
        }
        connection = {
            "conn_type": "zoho_people",
            "login": SECRETS["client_id"],
            "password": SECRETS["client_secret"],
            "host": work.url,
            "extra": extra,
        }
        super().__init__(
            folder,
            dag_id="zoho_learner_progress",
            pool=("zoho_people_api", work.threshold),
            env={
                "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT": json.dumps(connection),
                "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(folder.resolve()),
            },
            dags=project.DAGS,
        )
        self._work = work

    def conf(self, output: Path) -> dict[str, Any]:
        return {
            "courses": [self._work.course_id],
            "learner_ids": list(self._work.learner_ids),
            "output_path": str(output),
        }


class HttpOperatorInPool(InAirflow):
    """`http_operator_dag.py`, with a pool of that many slots."""

    def __init__(self, work: Work, folder: Path, *, slots: int) -> None:
        dags = folder / "dags"
        dags.mkdir(parents=True, exist_ok=True)
        for name in ("http_operator_dag.py", "rows.py"):
            shutil.copy(HERE / name, dags / name)
        accounts = {
            "conn_type": "generic",
            "host": work.url,
            "login": SECRETS["client_id"],
            "password": SECRETS["client_secret"],
            "extra": {"refresh_token": SECRETS["refresh_token"]},
        }
        super().__init__(
            folder,
            dag_id="http_operator",
            pool=("peer_api", slots),
            env={
                "AIRFLOW_CONN_PEER_API": json.dumps({"conn_type": "http", "host": work.url}),
                "AIRFLOW_CONN_PEER_ACCOUNTS": json.dumps(accounts),
                "PEERS_LOCK_SECONDS": str(work.lock_s),
            },
            dags=dags,
        )
        self._work = work

    def conf(self, output: Path) -> dict[str, Any]:
        return {"units": self._work.units(), "output": str(output)}
