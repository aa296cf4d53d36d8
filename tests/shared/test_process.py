from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.shared.process import THIS_PROCESS, age_of

STAT = (
    b"4711 (%s) S 1 4711 4711 0 -1 4194304 100 0 0 0 5 3 0 0 20 0 7 0 %d 1000000 2500 18446744073709551615 1"
)


def test_a_process_is_between_its_start_and_one_tick_less_old() -> None:
    assert age_of(STAT % (b"python3", 12_345), 200.0, 100) == pytest.approx(200.0 - 123.46)


@pytest.mark.parametrize("name", [b"airflow) S 1 (x", b"a b", b"))", b"(", b""])
def test_a_name_with_blanks_and_brackets_does_not_mislead(name: bytes) -> None:
    assert age_of(STAT % (name, 10_000), 101.0, 100) == pytest.approx(0.99)


@given(st.integers(1, 10**9), st.floats(0.0, 1e6))
def test_the_age_is_never_told_too_high_nor_below_zero(ticks: int, boottime_s: float) -> None:
    age = age_of(STAT % (b"x", ticks), boottime_s, 100)
    assert age >= 0.0
    assert age <= max(0.0, boottime_s - ticks / 100)


def test_a_start_that_is_not_said_makes_the_process_new() -> None:
    assert age_of(STAT % (b"x", 0), 1e6, 100) == 0.0


def test_this_process_is_older_than_nothing_and_younger_than_the_test_run() -> None:
    first = THIS_PROCESS.age_s()
    assert first > 0.0
    THIS_PROCESS.sleep_until(time.time() + 0.05)
    assert THIS_PROCESS.age_s() - first >= 0.049


@pytest.mark.component
def test_a_new_process_is_young() -> None:
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; from zoho_people.shared.process import THIS_PROCESS; "
        "print(THIS_PROCESS.age_s())"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert 0.0 <= float(done.stdout) <= time.monotonic() - started
