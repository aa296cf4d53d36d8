"""Who may write to an output path: runs that plan and publish, or one erasure; never both at once.

Airflow's pool keeps the runs apart that are in it, but knows nothing of another DAG's runs in a pool of their own,
nor of a command that somebody starts by hand. So each side lays down a claim of its own,
``_state/claims/<side>-<name>.json``, and only then looks for claims of the other side, and of runs of other pools:
whoever comes second sees the first, and of two who come at once at least one steps back. A claim is renewed while
its owner lives, and void some minutes after: a process that was killed keeps nobody out for long, and where its
processes can be seen not at all. That needs nothing of the file system but that a file is seen once it is written.
Clocks of hosts must agree to some seconds.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path

import psutil

from zoho_people.storage.layout import CLAIMS
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

LIFE_S = 180.0
RENEWED_EVERY_S = 30.0


class Side(StrEnum):
    """What is done to an output path."""

    RUN = "run"
    ERASURE = "erasure"


class Claimed(OSError):
    """The other side is at work; try again when it is done. The message says which, and names its claim."""

    def __init__(self, side: Side, path: str) -> None:
        doing = "a run plans or publishes" if side is Side.RUN else "learners are being forgotten"
        super().__init__(
            f"{doing} in this output path; try again when that is done. (Where a process was killed, its claim, "
            f"{path}, is void after {LIFE_S / 60:.0f} minutes.)"
        )


@contextmanager
def claimed(
    store: Store, side: Side, name: str, *, pool: str = "", clock: Callable[[], float] = time.time
) -> Iterator[None]:
    """Hold the output path for *side* while the block runs; *name* tells it from others of that side.

    Runs of one *pool* leave it to Airflow to keep them apart; of those of different pools, and of erasures, there
    is one at a time.

    :raises Claimed: when it is held against *side*.
    """
    path = f"{CLAIMS}/{side}-{name}.json"
    _write(store, path, pool, clock)
    try:
        _refuse_beside(store, side, path, pool, clock)
        with _renewed(store, path, pool, clock):
            yield
    finally:
        store.delete(path)


@contextmanager
def all_claimed(stores: Iterable[Store], side: Side, name: str, *, pool: str = "") -> Iterator[None]:
    """Hold several output paths, as :func:`claimed` does one.

    :raises Claimed: when one is held against *side*; none is held then.
    """
    with ExitStack() as stack:
        for store in stores:
            stack.enter_context(claimed(store, side, name, pool=pool))
        yield


def _refuse_beside(store: Store, side: Side, own: str, pool: str, clock: Callable[[], float]) -> None:
    for name in store.names(CLAIMS):
        path, other = f"{CLAIMS}/{name}", name.partition("-")[0]
        if path == own or other not in set(Side):
            continue
        if side is Side.RUN and other == Side.RUN and _pool(store, path) == pool:
            continue
        if _is_live(store, path, clock):
            raise Claimed(Side(other), path)
        store.delete(path)


def _pool(store: Store, path: str) -> str | None:
    """The pool that keeps apart the runs of which *path* is one's claim; None where that can't be read."""
    try:
        return str(json.loads(store.read(path))["pool"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _is_live(store: Store, path: str, clock: Callable[[], float]) -> bool:
    try:
        facts = json.loads(store.read(path))
        is_here = (facts["host"], facts.get("pids")) == (socket.gethostname(), _pids())
        left_s = float(facts["until"]) - clock()
        return 0 < left_s <= 2 * LIFE_S and (not is_here or psutil.pid_exists(facts["pid"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError, OverflowError):
        return False


def _pids() -> str:
    """Where a process id means the same process: containers may share a host's name, but not its processes."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # a system without such namespaces
        return ""


def _write(store: Store, path: str, pool: str, clock: Callable[[], float]) -> None:
    host, pids = socket.gethostname(), _pids()
    facts = {"until": clock() + LIFE_S, "host": host, "pids": pids, "pid": os.getpid(), "pool": pool}
    store.write(path, json.dumps(facts).encode())


@contextmanager
def _renewed(store: Store, path: str, pool: str, clock: Callable[[], float]) -> Iterator[None]:
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(RENEWED_EVERY_S):
            try:
                _write(store, path, pool, clock)
            except OSError:
                log.exception("The claim %s could not be renewed; the next try is soon", path)

    thread = threading.Thread(target=renew, name="claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
