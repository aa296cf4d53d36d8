"""One local Airflow: its own home, port, database and processes.

    with LocalAirflow(tmp_path / "airflow") as airflow:
        run_id = airflow.api.trigger_dag("zoho_learner_progress", {"courses": [...], "learner_ids": [...]})
        assert airflow.api.wait_for_run("zoho_learner_progress", run_id, timeout_s=120) == "success"

The four components run under a supervisord that starts them again when they die. Everything ends with the block,
or with this process, however that ends; nothing else on the machine is touched.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from local_airflow import database, disk, health, private, processes, project, secrets_file, supervision
from local_airflow import port as ports
from local_airflow import settings as settings_file
from local_airflow.api import AirflowApi
from local_airflow.configuration import COMPONENTS, Configuration
from local_airflow.login import Login
from local_airflow.problem import ComponentProblem, Problem
from local_airflow.settings import Settings
from local_airflow.supervision import Program, ProgramState, Supervisor
from local_airflow.text import last_lines

HEALTHY_S = 180.0
_STOP_S = 30.0
_POLL_S = 0.5


class LocalAirflow:
    """Airflow's api-server, scheduler, dag-processor and triggerer on SQLite, with LocalExecutor.

    `env` goes to every component (say `AIRFLOW_CONN_…`); `pools` changes the slots of pools by name; `settings`
    replaces what `airflow_settings.yaml` would load; `programs` run and end with Airflow. Without `login`
    everybody on this machine is admin. With `outlives_caller` it stays up until `stop`, called by whichever
    process.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int = 0,
        env: Mapping[str, str] | None = None,
        pools: Mapping[str, int] | None = None,
        parallelism: int = 8,
        dags: Path = project.DAGS,
        settings: Settings | None = None,
        follows_schedules: bool = False,
        programs: Sequence[Program] = (),
        login: Login | None = None,
        outlives_caller: bool = False,
    ) -> None:
        self.home = home.resolve()
        self.configuration = Configuration(
            home=self.home,
            port=port or ports.any_free(),
            parallelism=parallelism,
            dags=dags.resolve(),
            follows_schedules=follows_schedules,
        )
        self.login = login
        self.api = AirflowApi(self.url, self.login)
        self._env = dict(env or {})
        self._slots = dict(pools or {})
        self._settings = settings
        self._programs = tuple(programs)
        self._outlives_caller = outlives_caller
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the UI and the REST API."""
        return self.configuration.url

    @property
    def supervisor(self) -> Supervisor:
        """The supervisord of this instance, running or not."""
        return Supervisor(supervision.socket_path(self.home))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- life

    def start(self) -> None:
        """Make what is missing, start everything and return when all four are healthy and loaded.

        What a killed predecessor left of this instance is ended first.
        """
        settings = self._settings or settings_file.read(project.SETTINGS)
        try:
            shut_down(self.home)
            self._start_components()
            self.wait_until_healthy()
            self.api.load(settings.with_slots(self._slots))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process of this instance and return when they are gone."""
        self.api.close()
        shut_down(self.home)
        process, self._process = self._process, None
        if process is not None:
            process.wait()
            if process.stdin:
                process.stdin.close()

    def wait_until_healthy(
        self, timeout_s: float = HEALTHY_S, *, since: datetime | None = None, names: Sequence[str] = ()
    ) -> None:
        """Return when Airflow calls every component healthy by a heartbeat since then (since now by default)."""
        since = since or datetime.now(UTC)
        deadline = time.monotonic() + timeout_s
        while absent := self._absent(since):
            self._raise_if_given_up()
            if time.monotonic() > deadline:
                raise ComponentProblem(
                    f"Not healthy after {timeout_s:.0f} s: {', '.join(absent)}.\n{self._logs(absent)}"
                )
            time.sleep(_POLL_S)

    # -- harm, for tests

    def kill(self, component: str, number: signal.Signals = signal.SIGKILL) -> list[int]:
        """Send a signal to a component and all its children; their ids. What dies is started again."""
        if component not in COMPONENTS:
            raise ValueError(f"{component!r} is none of {', '.join(COMPONENTS)}")
        found = processes.of_instance(self.home, component=component)
        processes.send(found, number)
        return [process.pid for process in found]

    def states(self) -> dict[str, ProgramState]:
        """Every component as supervisord sees it."""
        return self.supervisor.states()

    # -- inside

    def _start_components(self) -> None:
        private.make_folder(self.home)
        private.make_folder(supervision.logs_folder(self.home))
        # Workers that were killed left theirs.
        private.make_empty_folder(self.configuration.temporary)
        disk.require(self.home, mib=disk.RUN_MIB, purpose="A local Airflow")
        secrets = secrets_file.load_or_make(self.home / "secrets.json")
        environment = self.configuration.environment(secrets, self._env, self.login)
        database.prepare(self.home, environment)
        self._process = self._start_supervisord(environment)

    def _start_supervisord(self, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        conf = self.home / "supervisord.conf"
        airflow = (sys.executable, "-m", "airflow")
        # Logs are read from the shared folder: nobody needs the log servers and their fixed ports.
        flags = {"scheduler": ("--skip-serve-logs",), "triggerer": ("--skip-serve-logs",)}
        programs = [
            Program(name, (*airflow, name, *flags.get(name, ())), self.configuration.own(name))
            for name in COMPONENTS
        ]
        conf.write_text(
            supervision.configuration(
                [*self._programs, *programs],
                home=self.home,
                socket=supervision.socket_path(self.home),
                root=project.ROOT,
            )
        )
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)]
        if not self._outlives_caller:
            command = [sys.executable, "-m", "local_airflow.leash", *command]
        with (supervision.logs_folder(self.home) / "supervisord.out").open("wb") as output:
            return subprocess.Popen(
                command,
                env={**environment, "PYTHONPATH": str(project.ROOT)},
                stdin=subprocess.DEVNULL if self._outlives_caller else subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=private.UMASK,
            )

    def _absent(self, since: datetime) -> tuple[str, ...]:
        try:
            return health.missing(self.api.health(), since=since)
        except httpx.HTTPError:
            return ("api-server",)

    def _raise_if_given_up(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            out = supervision.logs_folder(self.home) / "supervisord.out"
            raise ComponentProblem(f"supervisord ended with {self._process.returncode}.\n{last_lines(out)}")
        with suppress(OSError):
            for state in self.states().values():
                if state.given_up:
                    raise ComponentProblem(
                        f"{state.name} does not start. The end of {state.log}:\n{last_lines(state.log)}"
                    )

    def _logs(self, names: Sequence[str]) -> str:
        folder = supervision.logs_folder(self.home)
        logs = [folder / f"{name.replace('_', '-')}.log" for name in names]
        return "\n".join(f"The end of {log}:\n{last_lines(log)}" for log in logs)


def shut_down(home: Path) -> int:
    """End whatever runs of the instance at `home`, first by its supervisord, then what that left; how many."""
    running = len(processes.of_instance(home))
    supervisor = Supervisor(supervision.socket_path(home))
    if supervisor.is_reachable():
        with suppress(OSError, Problem):
            supervisor.shut_down()
        processes.wait_until_gone(home, timeout_s=_STOP_S)
    return max(running, processes.end_instance(home))
