from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from zoho_people.dataset.claim import LIFE_S, Claimed, Side, claimed
from zoho_people.dataset.layout import CLAIMS
from zoho_people.dataset.store import Store


def now() -> float:
    return 1_000.0


def later() -> float:
    return now() + LIFE_S + 1


def hold(store: Store, side: Side, name: str = "a", clock: Any = now) -> Any:
    return claimed(store, side, name, clock=clock)


@pytest.mark.parametrize(
    ("first", "second"), [(Side.RUN, Side.ERASURE), (Side.ERASURE, Side.RUN), (Side.ERASURE, Side.ERASURE)]
)
def test_who_comes_second_is_refused_and_leaves_nothing(root: Any, first: Side, second: Side) -> None:
    store = Store(root)
    with hold(store, first, "first"):
        with pytest.raises(Claimed) as error, hold(store, second, "second"):
            pytest.fail("both are in")
        assert error.value.side is first
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


def test_a_claim_of_a_process_of_this_host_that_was_killed_is_void_at_once(root: Any) -> None:
    store = Store(root)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid, is_live in ((ended.pid, False), (os.getpid(), True)):
        claim = {"until": now() + LIFE_S, "host": socket.gethostname(), "pid": pid}
        store.write(f"{CLAIMS}/run-killed.json", json.dumps(claim).encode())
        if is_live:
            with pytest.raises(Claimed), hold(store, Side.ERASURE):
                pass
        else:
            with hold(store, Side.ERASURE):
                pass


def test_what_is_no_claim_keeps_nobody_out(root: Any) -> None:
    store = Store(root)
    for name in ("run-x.json", "run-y.json", "other.txt"):
        store.write(f"{CLAIMS}/{name}", b"[]" if "y" in name else b"?")
    with hold(store, Side.ERASURE):
        pass


def test_a_run_that_starts_again_takes_its_own_claim(root: Any) -> None:
    with hold(Store(root), Side.RUN, "same"), hold(Store(root), Side.RUN, "same"):
        pass
