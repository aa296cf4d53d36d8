from __future__ import annotations

import pytest

from zoho_emulator.limiter import Limiter, most_in_any_window
from zoho_emulator.settings import Settings

NOON = 1_800_014_400.0


def limiter(**settings: object) -> Limiter:
    return Limiter(Settings().changed(settings))


def test_thirty_requests_of_a_minute_are_fine_and_the_next_locks() -> None:
    lim = limiter()
    assert [lim.arrive(NOON + second) for second in range(30)] == ["ok"] * 30
    assert lim.arrive(NOON + 59.999) == "threshold"
    assert lim.locked_until == NOON + 59.999 + 300
    assert lim.locks_caused == 1


def test_a_slot_is_free_again_exactly_one_window_later() -> None:
    lim = limiter()
    for _ in range(30):
        lim.arrive(NOON)
    assert lim.arrive(NOON + 60) == "ok"


def test_the_window_slides() -> None:
    lim = limiter(threshold=2)
    assert [lim.arrive(NOON + at) for at in (0, 59, 60, 118)] == ["ok", "ok", "ok", "threshold"]


def test_everything_is_refused_until_the_lock_ends() -> None:
    lim = limiter(threshold=1)
    assert [lim.arrive(NOON) for _ in range(2)] == ["ok", "threshold"]
    assert lim.arrive(NOON + 299.999) == "locked"
    assert lim.arrive(NOON + 300) == "threshold"
    assert lim.arrive(NOON + 700) == "ok"


@pytest.mark.parametrize(("extends", "ends"), [(False, 300), (True, 400)])
def test_a_request_during_a_lock_can_extend_it(extends: bool, ends: float) -> None:
    lim = limiter(threshold=1, lock_extends=extends)
    for at in (0, 0, 100):
        lim.arrive(NOON + at)
    assert lim.locked_until == NOON + ends


def test_another_client_can_lock_and_no_lock_shortens_another() -> None:
    lim = limiter()
    lim.lock(NOON, seconds=100)
    lim.lock(NOON, seconds=50)
    assert lim.arrive(NOON + 99) == "locked"
    assert lim.arrive(NOON + 100) == "ok"
    assert (lim.locks_caused, lim.locks_from_outside) == (0, 2)


def test_zero_seconds_end_a_lock() -> None:
    lim = limiter()
    lim.lock(NOON, seconds=100)
    lim.lock(NOON, seconds=0)
    assert lim.arrive(NOON) == "ok"


def test_the_daily_quota_is_that_of_the_utc_day() -> None:
    midnight = NOON + 43_200
    lim = limiter(daily_limit=2)
    assert [lim.arrive(NOON + at) for at in (0, 100, 200)] == ["ok", "ok", "daily"]
    assert lim.arrive(midnight - 0.001) == "daily"
    assert lim.arrive(midnight) == "ok"
    assert lim.requests_today(midnight) == 1
    assert lim.requests_today(midnight + 86_400) == 0


def test_the_most_in_any_window_is_counted_as_the_limiter_counts() -> None:
    assert most_in_any_window([], window_seconds=60) == 0
    assert most_in_any_window([0.0, 60.0, 120.0], window_seconds=60) == 1
    assert most_in_any_window([0.0, 30.0, 59.9, 60.0, 200.0], window_seconds=60) == 3
