from __future__ import annotations

from typing import Any

import pytest

MESSAGE = "API access blocked since threshold limit exceeded. Please try after some time"
FLAT = {"code": 7209, "message": MESSAGE}


def test_the_request_after_the_thirtieth_locks_the_api_for_five_minutes(
    make_emulator: Any, clock: Any
) -> None:
    emulator = make_emulator(threshold=30)
    assert [emulator.get("/courses").status_code for _ in range(30)] == [200] * 30
    answer = emulator.get("/courses")
    assert (answer.status_code, answer.json()) == (400, FLAT)
    clock.tick(299.9)
    assert emulator.get("/courses").json() == FLAT
    clock.tick(0.1)
    assert emulator.get("/courses").status_code == 200
    stats = emulator.control("stats")
    assert stats["locks_caused"] == 1
    assert stats["most_in_any_window"] == 31
    assert stats["by_decision"]["api"] == {"ok": 31, "threshold": 1, "locked": 1}


def test_refused_and_nameless_requests_count_but_token_and_control_requests_do_not(
    make_emulator: Any,
) -> None:
    emulator = make_emulator(threshold=3)
    for _ in range(5):
        emulator.sign_in()
        emulator.control("stats")
    emulator.token = "1000.unknown"
    assert [emulator.get("/courses").status_code for _ in range(2)] == [401, 401]
    emulator.token = ""
    assert emulator.get("/nothing").status_code == 401
    assert emulator.get("/courses").json() == FLAT
    assert emulator.control("stats")["requests"] == {"api": 4, "token": 6}


@pytest.mark.parametrize("status", ["200", "400", "429"])
@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("flat", FLAT),
        ("text-code", {"code": "7209", "message": MESSAGE}),
        ("words", {"message": MESSAGE}),
        ("nested", {"response": {"status": 1, "errors": FLAT}}),
        (
            "throttle",
            {
                "error": {
                    "title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED",
                    "details": {
                        "message": "You have exceeded the limit of this URL. Try again after 10 seconds."
                    },
                }
            },
        ),
    ],
)
def test_a_lock_comes_in_every_shape(make_emulator: Any, status: str, shape: str, body: Any) -> None:
    emulator = make_emulator(lock_shape=f"{status}-{shape}")
    emulator.control("lock", {}, seconds=10)
    answer = emulator.get("/courses")
    assert (str(answer.status_code), answer.json()) == (status, body)
    assert "retry-after" not in answer.headers


def test_a_throttle_states_a_long_wait_in_minutes(make_emulator: Any) -> None:
    emulator = make_emulator(lock_shape="400-throttle")
    emulator.control("lock", {}, seconds=1_300)
    assert "Try again after 22 minutes." in emulator.get("/courses").text


@pytest.mark.parametrize(("setting", "expected"), [(None, "58"), (7, "7"), (1000, "1000")])
def test_retry_after_tells_what_is_left_or_what_it_is_told(
    make_emulator: Any, clock: Any, setting: int | None, expected: str
) -> None:
    emulator = make_emulator(lock_shape="429-flat-retry-after", retry_after_seconds=setting)
    emulator.control("lock", {}, seconds=60)
    clock.tick(2.5)
    assert emulator.get("/courses").headers["retry-after"] == expected


def test_a_lock_from_outside_is_told_apart_and_can_be_ended(emulator: Any, clock: Any) -> None:
    assert emulator.control("lock", {}) == {"locked_until": clock.now + 300}
    stats = emulator.control("stats")
    assert (stats["locks_caused"], stats["locks_from_outside"]) == (0, 1)
    assert stats["locked_until"] == clock.now + 300
    emulator.control("lock", {}, seconds=0)
    assert emulator.control("stats")["locked_until"] is None
    assert emulator.request("POST", "/_emulator/lock?seconds=-1").status_code == 400


def test_the_daily_quota_ends_at_midnight_utc(make_emulator: Any, clock: Any) -> None:
    emulator = make_emulator(daily_limit=2)
    assert [emulator.get("/courses").status_code for _ in range(3)] == [200, 200, 429]
    assert emulator.get("/courses").json()["code"] == "DAILY_LIMIT_EXCEEDED"
    clock.tick(43_200)
    emulator.sign_in()
    assert emulator.get("/courses").status_code == 200
