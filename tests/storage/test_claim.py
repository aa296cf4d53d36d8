from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from zoho_people.storage.claim import LIFE_S, Claimed, Side, claimed
from zoho_people.storage.layout import CLAIMS
from zoho_people.storage.store import Store


def now() -> float:
    return 1_000.0


def later() -> float:
    return now() + LIFE_S + 1


def hold(store: Store, side: Side, name: str = "a", clock: Any = now) -> Any:
    return claimed(store, side, name, clock=clock)


def leave(store: Store, **facts: Any) -> None:
    """Leave the claim of a run that did not end, with *facts* in place of its own."""
    with hold(store, Side.RUN):
        own = json.loads(store.read(f"{CLAIMS}/run-a.json"))
    store.write(f"{CLAIMS}/run-killed.json", json.dumps(own | facts).encode())


def is_refused(store: Store) -> bool:
    try:
        with hold(store, Side.ERASURE):
            return False
    except Claimed:
        return True


def ended_pid() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


@pytest.mark.parametrize(
    ("first", "second"), [(Side.RUN, Side.ERASURE), (Side.ERASURE, Side.RUN), (Side.ERASURE, Side.ERASURE)]
)
def test_who_comes_second_is_refused_and_leaves_nothing(root: Any, first: Side, second: Side) -> None:
    store = Store(root)
    with hold(store, first, "first"):
        with pytest.raises(Claimed) as error, hold(store, second, "second"):
            pytest.fail("both are in")
        assert ("a run plans" in str(error.value)) == (first is Side.RUN)
        assert store.names(CLAIMS) == [f"{first}-first.json"]
    assert store.names(CLAIMS) == []


def test_the_second_may_when_the_first_is_done_also_by_failing(root: Any) -> None:
    store = Store(root)
    with pytest.raises(KeyError), hold(store, Side.RUN):
        raise KeyError
    with hold(store, Side.ERASURE):
        pass


def test_runs_are_not_kept_apart(root: Any) -> None:
    with hold(Store(root), Side.RUN, "a"), hold(Store(root), Side.RUN, "b"):
        pass


def test_a_claim_that_is_not_renewed_is_void_after_a_while(root: Any) -> None:
    store = Store(root)
    claim = {"until": now() + LIFE_S, "host": "elsewhere", "pid": 1}
    store.write(f"{CLAIMS}/run-killed.json", json.dumps(claim).encode())
    with pytest.raises(Claimed), hold(store, Side.ERASURE):
        pass
    with hold(store, Side.ERASURE, clock=later):
        assert store.names(CLAIMS) == ["erasure-a.json"]


@pytest.mark.component
def test_a_claim_of_a_process_of_this_host_that_was_killed_is_void_at_once(root: Any) -> None:
    store = Store(root)
    for pid, is_live in ((ended_pid(), False), (os.getpid(), True)):
        leave(store, pid=pid)
        assert is_refused(store) is is_live


@pytest.mark.component
@pytest.mark.parametrize("facts", [{"pids": "pid:[1]"}, {"pids": None}, {"host": "elsewhere"}], ids=str)
def test_a_process_that_cannot_be_seen_from_here_is_not_taken_for_dead(
    root: Any, facts: dict[str, Any]
) -> None:
    store = Store(root)
    leave(store, pid=ended_pid(), **facts)
    assert is_refused(store)


@pytest.mark.parametrize(
    "facts",
    [
        {"pid": 10**12},
        {"until": 1e300},
        {"until": 10**400},
        {"until": float("nan")},
        {"until": now() + 3 * LIFE_S},
    ],
    ids=["no such pid", "never ends", "no float", "no number", "too long"],
)
def test_a_claim_that_nobody_can_have_made_keeps_nobody_out(root: Any, facts: dict[str, Any]) -> None:
    store = Store(root)
    leave(store, **facts)
    assert not is_refused(store)


def test_the_clock_of_another_host_may_be_ahead(root: Any) -> None:
    store = Store(root)
    leave(store, host="elsewhere", until=now() + LIFE_S + 60)
    assert is_refused(store)


def test_what_is_no_claim_keeps_nobody_out(root: Any) -> None:
    store = Store(root)
    for name in ("run-x.json", "run-y.json", "other.txt"):
        store.write(f"{CLAIMS}/{name}", b"[]" if "y" in name else b"?")
    with hold(store, Side.ERASURE):
        pass


def test_a_run_that_starts_again_takes_its_own_claim(root: Any) -> None:
    with hold(Store(root), Side.RUN, "same"), hold(Store(root), Side.RUN, "same"):
        pass


def test_runs_of_one_pool_leave_it_to_airflow_and_those_of_two_keep_each_other_out(root: Any) -> None:
    store = Store(root)
    with claimed(store, Side.RUN, "eu", pool="a", clock=now):
        with claimed(store, Side.RUN, "again", pool="a", clock=now):
            pass
        with pytest.raises(Claimed) as error, claimed(store, Side.RUN, "us", pool="b", clock=now):
            pytest.fail("both are in")
        assert "a run plans or publishes" in str(error.value)
        assert store.names(CLAIMS) == ["run-eu.json"]
    with claimed(store, Side.RUN, "us", pool="b", clock=now):
        pass


def test_a_run_that_says_nothing_of_its_pool_keeps_one_of_another_out(root: Any) -> None:
    store = Store(root)
    with hold(store, Side.RUN):
        facts = json.loads(store.read(f"{CLAIMS}/run-a.json"))
        del facts["pool"]
        store.write(f"{CLAIMS}/run-a.json", json.dumps(facts).encode())
        with pytest.raises(Claimed), claimed(store, Side.RUN, "us", pool="b", clock=now):
            pytest.fail("both are in")


def test_a_run_of_another_pool_that_did_not_end_keeps_nobody_out_for_long(root: Any) -> None:
    store = Store(root)
    leave(store, pool="a")
    with claimed(store, Side.RUN, "us", pool="b", clock=later):
        assert store.names(CLAIMS) == ["run-us.json"]
