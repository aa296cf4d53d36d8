"""The project's own Airflow in `.airflow/`, with the emulator beside it: what `make up` and `make down` handle."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_airflow import (
    emulator,
    fingerprint,
    instance,
    login,
    port,
    private,
    project,
    record,
    sample,
    settings,
)
from local_airflow.emulator import EmulatorControl
from local_airflow.instance import LocalAirflow
from local_airflow.problem import ComponentProblem
from local_airflow.record import Record
from local_airflow.service import CONNECTION_ID, OUTPUT, Service
from local_airflow.settings import Settings
from local_airflow.supervision import Program

PARALLELISM = 16
UI_PORT = 8080
EMULATOR_PORT = 8090
_WARM_S = 45.0
_ROOTS = "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS"


@dataclass(frozen=True)
class Stack:
    """A running Airflow, and the emulator unless it talks to the real Zoho People."""

    airflow: LocalAirflow
    emulator: EmulatorControl | None
    output_path: str
    was_running: bool

    def other_ports(self) -> Iterator[tuple[str, int, int]]:
        """What listens elsewhere than usual, though nobody asked for it: name, port, usual port."""
        used = [("Airflow's UI", self.airflow.url, UI_PORT, "AIRFLOW_PORT")]
        if self.emulator is not None:
            used.append(("the emulator", self.emulator.url, EMULATOR_PORT, "EMULATOR_PORT"))
        for what, url, usual, variable in used:
            now = int(url.rpartition(":")[2])
            if now != usual and not os.environ.get(variable):
                yield what, now, usual


def up(service: Service) -> Stack:
    """The stack, reused when it runs from the same code and settings, else started anew."""
    private.make_folder(project.HOME)
    with _locked(project.HOME):
        found = record.read(project.HOME)
        wanted = _fingerprint(service)
        if found and (stack := _reused(found, wanted, service)):
            return stack
        return _started(wanted, service)


def down() -> int:
    """End every process of the stack; how many there were."""
    if not project.HOME.exists():
        return 0
    with _locked(project.HOME):
        record.remove(project.HOME)
        return instance.shut_down(project.HOME)


def _reused(found: Record, wanted: str, service: Service) -> Stack | None:
    airflow = _airflow(found.port, found.emulator_port, service)
    if found.fingerprint != wanted or not airflow.supervisor.is_reachable() or _moved(found):
        return None
    try:
        airflow.wait_until_healthy(_WARM_S)
    except ComponentProblem:
        return None
    return Stack(airflow, _control(found.emulator_port), _output_path(service), was_running=True)


def _started(wanted: str, service: Service) -> Stack:
    instance.shut_down(project.HOME)
    ui_port = port.choose(os.environ.get("AIRFLOW_PORT"), UI_PORT, variable="AIRFLOW_PORT")
    emulator_port = None
    if not service.is_real:
        emulator_port = port.choose(os.environ.get("EMULATOR_PORT"), EMULATOR_PORT, variable="EMULATOR_PORT")
    airflow = _airflow(ui_port, emulator_port, service)
    airflow.start()
    record.write(project.HOME, Record(ui_port, emulator_port, wanted))
    return Stack(airflow, _control(emulator_port), _output_path(service), was_running=False)


def _fingerprint(service: Service) -> str:
    """The fingerprint of all that a running Airflow reads only once; DAG files it reads again."""
    files = (project.ROOT / "constraints.txt", project.SETTINGS)
    return fingerprint.of(files, (project.PLUGINS, project.INCLUDE, Path(__file__).parent), service.env)


def _moved(found: Record) -> bool:
    """Whether the user now asks for other ports."""
    wishes = {"AIRFLOW_PORT": found.port, "EMULATOR_PORT": found.emulator_port}
    return any(os.environ.get(name, str(now)) != str(now) for name, now in wishes.items() if now)


def _airflow(
    ui_port: int, emulator_port: int | None, service: Service, *, home: Path = project.HOME
) -> LocalAirflow:
    return LocalAirflow(
        home,
        port=ui_port,
        env=_env(service),
        parallelism=PARALLELISM,
        settings=_settings(emulator_port, service),
        # The emulator's data is asked for by hand; only real credentials make the daily schedule worth following.
        follows_schedules=service.is_real,
        login=login.load_or_make(home) if service.is_real else None,
        programs=[_emulator_program(emulator_port)] if emulator_port else [],
        outlives_caller=True,
    )


def _env(service: Service) -> dict[str, str]:
    """Where there is no login, anybody here may change the Variables: what they name must not be written to."""
    roots = {} if service.is_real else {_ROOTS: _output_path(service)}
    return {**roots, **service.env}


def _settings(emulator_port: int | None, service: Service) -> Settings:
    found = settings.read(project.SETTINGS).with_variables(
        {"zoho_learner_progress_output": _output_path(service)}
    )
    if emulator_port is None:
        return found.without_connection(CONNECTION_ID)
    return found.with_service_at(emulator.url_at(EMULATOR_PORT), emulator.url_at(emulator_port))


def _output_path(service: Service) -> str:
    return service.env.get(OUTPUT) or str(project.DATA)


def _emulator_program(emulator_port: int) -> Program:
    size = {"courses": sample.COURSES, "learners": sample.LEARNERS, "seed": sample.SEED}
    return Program("emulator", emulator.command(emulator_port, **size, extra=sample.EXTRA))


def _control(emulator_port: int | None) -> EmulatorControl | None:
    return EmulatorControl(emulator.url_at(emulator_port)) if emulator_port else None


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One `make up` or `make down` at a time."""
    with (home / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
