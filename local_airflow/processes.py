"""The processes of one instance, found by the marker in their environment, and how they are ended.

Airflow puts every task into a process group of its own, and what a killed component leaves behind has no parent
any more: groups and parents don't tell what is ours, the environment does.
"""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from local_airflow.configuration import COMPONENT, MARKER

_POLL_S = 0.1


def of_instance(home: Path, *, component: str | None = None) -> list[psutil.Process]:
    """This user's live processes that belong to the instance at `home`, or to one component of it."""
    return [process for process in psutil.process_iter() if _belongs(process, home, component)]


def send(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def end_instance(home: Path, *, component: str | None = None, patience_s: float = 5.0) -> int:
    """End every process of the instance (or of its component), by force after a while; how many there were.

    Looks again after each round, since a process may have started another one in between.
    """
    ended = 0
    deadline = time.monotonic() + patience_s
    while found := of_instance(home, component=component):
        ended = max(ended, len(found))
        number = signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL
        send(found, number)
        wait_until_gone(home, component=component, timeout_s=1.0)
    return ended


def wait_until_gone(home: Path, *, component: str | None = None, timeout_s: float) -> None:
    """Return when nothing runs any more, or after that time.

    It only looks: a child of this process is left for its `Popen` to collect.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and of_instance(home, component=component):
        time.sleep(_POLL_S)


def _belongs(process: psutil.Process, home: Path, component: str | None) -> bool:
    try:
        if process.pid == os.getpid() or process.uids().real != os.getuid():
            return False
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        environment = process.environ()
    except (psutil.Error, OSError):
        return False
    if environment.get(MARKER) != str(home):
        return False
    return component is None or environment.get(COMPONENT) == component
