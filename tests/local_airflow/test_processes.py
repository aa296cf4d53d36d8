"""Which processes belong to an instance, and how they end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local_airflow import processes, project
from local_airflow.configuration import COMPONENT, MARKER

pytestmark = pytest.mark.component

SLEEP = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
)
HOLDER = """
import subprocess, sys, time
sleeper = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
command = [sys.executable, "-c", sleeper, sys.argv[1]]
subprocess.Popen([sys.executable, "-m", "local_airflow.leash", *command], stdin=subprocess.PIPE)
time.sleep(60)
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(*command: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, start_new_session=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def test_only_the_instances_own_processes_are_found_and_ended(start: Start, tmp_path: Path):
    ours = start(*SLEEP, **{MARKER: str(tmp_path)})
    others = start(*SLEEP, **{MARKER: str(tmp_path / "other")})
    assert [process.pid for process in processes.of_instance(tmp_path)] == [ours.pid]
    assert processes.end_instance(tmp_path) == 1
    assert ours.wait(5) == -signal.SIGTERM
    assert others.poll() is None


def test_a_component_is_ended_without_the_others(start: Start, tmp_path: Path):
    scheduler = start(*SLEEP, **{MARKER: str(tmp_path), COMPONENT: "scheduler"})
    triggerer = start(*SLEEP, **{MARKER: str(tmp_path), COMPONENT: "triggerer"})
    processes.end_instance(tmp_path, component="scheduler")
    assert scheduler.wait(5) == -signal.SIGTERM
    assert triggerer.poll() is None


def test_what_ignores_the_request_is_killed(start: Start, tmp_path: Path):
    process = start(*STUBBORN, **{MARKER: str(tmp_path)})
    processes.end_instance(tmp_path, patience_s=0.5)
    assert process.wait(5) == -signal.SIGKILL


def test_a_leashed_command_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path):
    script = tmp_path / "holder.py"
    script.write_text(HOLDER)
    command = [sys.executable, script, tmp_path / "up"]
    parent = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(project.ROOT)})
    try:
        until((tmp_path / "up").exists)
        leash, sleeper = psutil.Process(parent.pid).children(recursive=True)
    finally:
        parent.kill()
        parent.wait()
    _, alive = psutil.wait_procs([leash, sleeper], timeout=10)
    assert not alive


def until(holds: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
