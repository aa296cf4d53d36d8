"""kill -9 of parts of Airflow; supervisord starts again what died."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime

import psutil

from benchmarks.chaos.trial import Run, Trial
from local_airflow import processes
from local_airflow.instance import COMPONENTS

LONGEST_DELAY_S = 3.0
RECOVERY_S = 120.0
SEND_S = 5.0
_WORKER = "airflow worker -- LocalExecutor: "

Kill = Callable[[Trial], bool]


def at_random_points(kill: Kill) -> Callable[[Trial], None]:
    """A trial that kills at random points of a run (so many requests, and up to 3 s)."""

    def trial_of(trial: Trial) -> None:
        trial.start()
        for point in trial.points(trial.times):
            trial.wait_for_requests(point)
            time.sleep(trial.dice.uniform(0, LONGEST_DELAY_S))
            trial.done += kill(trial)

    return trial_of


def right_after_sending(trial: Trial) -> None:
    """Kill the oldest task when a request arrives, likely the one that sent it: the worst moment there is."""
    trial.start()
    for point in trial.points(trial.times):
        trial.wait_for_requests(point)
        seen = trial.requests()
        deadline = time.monotonic() + SEND_S
        while trial.requests() == seen and time.monotonic() < deadline:
            pass
        tasks = sorted(_tasks(trial), key=lambda process: process.create_time())
        trial.done += _kill(tasks[:1])


def tasks_at_once(trial: Trial, count: int) -> int:
    """The processes of the *count* oldest running tasks, which are those that have sent; how many were killed."""
    oldest = sorted(_tasks(trial), key=lambda process: process.create_time())
    return sum(_kill([process]) for process in oldest[:count])


def task(trial: Trial) -> bool:
    """One running task's process; its supervisor in the worker lives."""
    return _kill_one(trial, _tasks)


def worker(trial: Trial) -> bool:
    """One busy worker of the executor with its task: nobody is left to tell of it."""
    return _kill_one(trial, _busy_workers)


def component(name: str) -> Kill:
    """A component with its children (the scheduler's are the workers and tasks)."""

    def kill(trial: Trial) -> bool:
        killed_at = datetime.now(UTC)
        trial.scene.airflow.kill(name)
        trial.scene.airflow.wait_until_healthy(RECOVERY_S, since=killed_at)
        return True

    return kill


def everything(trial: Trial) -> bool:
    """All four components with all their children, in one go."""
    killed_at = datetime.now(UTC)
    home = trial.scene.airflow.home
    _kill([each for name in COMPONENTS for each in processes.of_instance(home, component=name)])
    trial.scene.airflow.wait_until_healthy(RECOVERY_S, since=killed_at)
    return True


def between_staging_and_publishing(trial: Trial) -> None:
    """Everything, when all is fetched: at once, then while `publish` runs."""
    run = trial.start()
    for moment in (is_fetched, _is_publishing)[: trial.times]:
        if trial.wait_until(lambda moment=moment: moment(trial, run)):
            trial.done += everything(trial)


def is_fetched(trial: Trial, run: Run) -> bool:
    """Whether every task of `fetch` has ended well."""
    states = trial.states(run, "fetch")
    return len(states) > 1 and set(states) == {"success"}


def _is_publishing(trial: Trial, run: Run) -> bool:
    return "running" in trial.states(run, "publish")


def _kill_one(trial: Trial, candidates: Callable[[Trial], list[psutil.Process]]) -> bool:
    found: list[psutil.Process] = []
    if not trial.wait_until(lambda: found.extend(candidates(trial)) or found, timeout_s=60):
        return False
    chosen = trial.dice.choice(sorted(found, key=lambda process: process.pid))
    return _kill([chosen, *_children(chosen)])


def _kill(found: list[psutil.Process]) -> bool:
    killed = False
    for process in found:
        try:
            os.kill(process.pid, signal.SIGKILL)
            killed = True
        except ProcessLookupError:
            continue
    return killed


def _busy_workers(trial: Trial) -> list[psutil.Process]:
    workers = (each for each in _of_scheduler(trial) if _title(each).startswith(_WORKER))
    return [worker for worker in workers if _children(worker)]


def _tasks(trial: Trial) -> list[psutil.Process]:
    return [child for busy in _busy_workers(trial) for child in _children(busy)]


def _of_scheduler(trial: Trial) -> list[psutil.Process]:
    pid = trial.scene.airflow.states()["scheduler"].pid
    try:
        return psutil.Process(pid).children() if pid else []
    except psutil.NoSuchProcess:
        return []


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [child for child in process.children() if child.status() != psutil.STATUS_ZOMBIE]
    except psutil.NoSuchProcess:
        return []


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
