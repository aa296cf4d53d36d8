"""The pools as they are, told to the tasks by the scheduler: a task itself has no way to look."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from zoho_people.model.pool_names import API_POOL, PUBLISH_POOL
from zoho_people.zoho.settings import THRESHOLD

POOLS_VARIABLE = "zoho_people_pools"
"""Where the scheduler writes what it sees, when a run starts that asks Zoho People."""


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool's size, and whether deferred tasks hold their slots."""

    slots: int
    include_deferred: bool


class PoolUnusable(ValueError):
    """A pool does not exist or has the wrong size; the message has the cure."""


def write_pools(
    pools: Mapping[str, PoolState], *, seen_at: float, heartbeat_timeout_s: float | None = None
) -> str:
    """The Variable's text: the pools as they were at *seen_at*, in seconds since the epoch.

    *heartbeat_timeout_s* is the scheduler's ``task_instance_heartbeat_timeout``, in seconds.
    """
    states = {name: asdict(pool) for name, pool in sorted(pools.items())}
    return json.dumps({"seen_at": seen_at, "pools": states, "heartbeat_timeout_s": heartbeat_timeout_s})


def read_pools(text: str | None, *, since: float) -> dict[str, PoolState] | None:
    """The pools in the Variable's text; None when the scheduler has written nothing of them *since* then."""
    try:
        kept = json.loads(text or "{}")
        if kept["seen_at"] < since - _CLOCKS_DIFFER_S:
            return None
        return {name: PoolState(**state) for name, state in kept["pools"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def read_heartbeat_timeout_s(text: str | None) -> float | None:
    """The scheduler's ``task_instance_heartbeat_timeout`` in the Variable's text; None where it is not told."""
    try:
        told = json.loads(text or "{}").get("heartbeat_timeout_s")
    except (ValueError, AttributeError):
        return None
    return float(told) if isinstance(told, (int, float)) else None


def refuse_short_heartbeat_timeout(timeout_s: float | None, *, window_s: float) -> None:
    """Refuse a scheduler that takes a silent task for lost before the window of its last request is over.

    Its slot would be free early each time that a worker is silent for a while, and the next task could only wait.

    :raises PoolUnusable: naming the setting, its value and the least that will do.
    """
    least_s = window_s + _HEARTBEAT_MARGIN_S
    if timeout_s is not None and timeout_s < least_s:
        raise PoolUnusable(
            f"the scheduler's [scheduler] task_instance_heartbeat_timeout is {timeout_s:g} s: it takes a silent "
            "task for lost, and frees its slot, while the request still counts; set it to "
            f"{least_s:g} or more (300 by default) where the scheduler runs, and restart it"
        )


_HEARTBEAT_MARGIN_S = 10.0
"""A task's last heartbeat may be 5 s older than its last answer, and hosts' clocks differ by a second or two."""

_CLOCKS_DIFFER_S = 60.0


@dataclass(frozen=True, slots=True)
class PoolVerdict:
    """Whether tasks may defer, and what a person should change."""

    may_defer: bool
    advice: str = ""


def judge(
    pools: Mapping[str, PoolState] | None, *, pool: str = API_POOL, publish_pool: str = PUBLISH_POOL
) -> PoolVerdict:
    """What the pools mean for a run that sends its requests in *pool* and publishes in *publish_pool*.

    :raises PoolUnusable: naming the pool and the cure.
    """
    if pools is None:
        return PoolVerdict(
            may_defer=False,
            advice=f"The scheduler did not tell the state of the pool {pool}, so tasks wait in their workers. "
            "See that plugins/ is deployed where the scheduler runs, and restart it.",
        )
    for name, slots, flag in ((pool, THRESHOLD, " --include-deferred"), (publish_pool, 1, "")):
        if name not in pools:
            raise PoolUnusable(
                f"the pool {name} is missing; make it in Admin, Pools, or by: "
                f"airflow pools set {shlex.quote(name)} {slots} 'Zoho People'{flag}"
            )
        if pools[name].slots == 0:
            raise PoolUnusable(
                f"the pool {name} has 0 slots, so nothing runs in it; give it {slots} in Admin, Pools"
            )
    if pools[publish_pool].slots != 1:
        raise PoolUnusable(
            f"the pool {publish_pool} has {pools[publish_pool].slots} slots; set it to 1 in Admin, Pools, so that "
            "no two runs merge into one file at once"
        )
    state = pools[pool]
    if not state.include_deferred:
        return PoolVerdict(
            may_defer=False,
            advice=f"The pool {pool} does not include deferred tasks, so tasks wait in their workers instead, "
            "one worker for each slot. Tick 'Include Deferred' in Admin, Pools, to free them.",
        )
    if not 0 <= state.slots <= THRESHOLD:
        return PoolVerdict(
            may_defer=True,
            advice=f"The pool {pool} has {state.slots} slots, but Zoho allows {THRESHOLD} requests a minute "
            f"and locks its API for 5 minutes past that. Set it to {THRESHOLD} or less in Admin, Pools.",
        )
    return PoolVerdict(may_defer=True)


def usable_slots(pools: Mapping[str, PoolState] | None, pool: str) -> int:
    """How many requests a window *pool* lets through, as far as Zoho does; its own limit where nobody told."""
    slots = pools[pool].slots if pools and pool in pools else THRESHOLD
    return min(slots, THRESHOLD) if slots > 0 else THRESHOLD


def refuse_smaller(pools: Mapping[str, PoolState] | None, pool: str, needed: int) -> None:
    """Refuse a *pool* of requests that a task with *needed* slots would never get into.

    :raises PoolUnusable: with the cure; where the pool's size is unknown nothing is.
    """
    if pools is not None and 0 < pools[pool].slots < needed:
        raise PoolUnusable(
            f"the pool {pool} has {pools[pool].slots} slots, and a task that reads rosters takes "
            f"{needed}; give it {needed} or more in Admin, Pools, or name courses and learners"
        )
