"""The commands behind the Makefile: `python -m local_airflow run|up|down|logs|status|clean`."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from local_airflow import login, private, project, record, service, stack, supervision
from local_airflow.problem import Problem
from local_airflow.stack import Stack
from local_airflow.supervision import Supervisor

_FAILED = 1
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m local_airflow", description=__doc__)
    parser.add_argument("command", choices=sorted(_COMMANDS))
    command = _COMMANDS[parser.parse_args(arguments).command]
    os.umask(private.UMASK)
    try:
        return command()
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print(
            "\nNo longer watching. What was started goes on: `make run` watches it again, `make down` stops it."
        )
        return _INTERRUPTED


def _run() -> int:
    from local_airflow.run import run

    which = service.read(project.DOTENV)
    running = _up(which)
    succeeded = run(running, which)
    _say_where(running)
    return 0 if succeeded else _FAILED


def _only_up() -> int:
    _say_where(_up(service.read(project.DOTENV)))
    return 0


def _up(which: service.Service) -> Stack:
    print("Starting Airflow (the first start takes about half a minute longer) …", flush=True)
    running = stack.up(which)
    print("Airflow is up already." if running.was_running else "Airflow is up.", flush=True)
    for what, port, usual in running.other_ports():
        print(f"Port {usual} is taken by another program: {what} listens on {port}.", flush=True)
    return running


def _say_where(running: Stack) -> None:
    print(f"\nAirflow's UI:  {running.airflow.url}")
    if running.airflow.login is not None:
        file = login.path_in(running.airflow.home)
        print(f"Login:         user {running.airflow.login.user}; the password: cat {file}")
    print(f"Zoho People:   {_which(running)}")
    print("Stop it all:   make down")


def _which(running: Stack) -> str:
    return "the real one, by .env" if running.emulator is None else f"the emulator at {running.emulator.url}"


def _down() -> int:
    ended = stack.down()
    print(f"Stopped: {ended} processes." if ended else "Nothing was running.")
    return 0


def _status() -> int:
    found = record.read(project.HOME)
    supervisor = Supervisor(supervision.socket_path(project.HOME))
    if found is None or not supervisor.is_reachable():
        print("Airflow is not running. Start it: make up")
        return _FAILED
    for state in supervisor.states().values():
        print(f"{state.name:<14} {state.state:<9} {state.description}")
    return 0


def _logs() -> int:
    logs = sorted(supervision.logs_folder(project.HOME).glob("*.log"))
    if not logs:
        print("There are no logs yet. Start Airflow: make up")
        return _FAILED
    return subprocess.run(["tail", "-n", "20", "-F", *map(str, logs)], check=False).returncode  # noqa: S607


def _clean() -> int:
    _down()
    shutil.rmtree(project.HOME, ignore_errors=True)
    print(f"Removed {project.HOME}. The data in {project.DATA} and .venv stay.")
    return 0


_COMMANDS: dict[str, Callable[[], int]] = {
    "run": _run,
    "up": _only_up,
    "down": _down,
    "status": _status,
    "logs": _logs,
    "clean": _clean,
}

if __name__ == "__main__":
    sys.exit(main())
