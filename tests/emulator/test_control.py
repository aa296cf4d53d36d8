from __future__ import annotations

from typing import Any

import pytest


def test_the_journal_has_every_request_once(emulator: Any, clock: Any) -> None:
    began = clock.now
    clock.tick(1.5)
    emulator.get("/courses", startIndex=0)
    entries = emulator.control("journal")["entries"]
    assert [entry["kind"] for entry in entries] == ["token", "api"]
    assert entries[1] == {
        "seq": 2,
        "at": began + 1.5,
        "kind": "api",
        "method": "GET",
        "path": "/api/v1/courses",
        "params": {"startIndex": "0"},
        "status": 200,
        "decision": "ok",
    }
    assert emulator.control("journal", since=1)["entries"] == entries[1:]


def test_stats_of_a_service_that_nobody_asked(emulator: Any) -> None:
    stats = emulator.control("reset", {})
    assert stats["requests"] == {"api": 0, "token": 0}
    assert stats["most_in_any_window"] == 0
    assert stats["first_arrival"] is None


def test_stats_use_the_window_that_is_configured(emulator: Any, clock: Any) -> None:
    for _ in range(4):
        emulator.get("/courses")
        clock.tick(10)
    assert emulator.control("stats")["most_in_any_window"] == 4
    assert emulator.control("stats")["requests_in_last_window"] == 4
    emulator.control("settings", {"window_seconds": 15})
    stats = emulator.control("stats")
    assert (stats["most_in_any_window"], stats["requests_in_last_window"]) == (2, 1)


def test_settings_change_at_once_and_all_or_none(emulator: Any) -> None:
    assert emulator.control("settings", {"threshold": 1, "lock_shape": "429-flat"})["threshold"] == 1
    answer = emulator.request("POST", "/_emulator/settings", json={"threshold": 9, "treshold": 9})
    assert answer.status_code == 400
    assert "unknown setting 'treshold'" in answer.json()["detail"]
    assert emulator.control("settings")["threshold"] == 1
    assert [emulator.get("/courses").status_code for _ in range(2)] == [200, 429]


def test_a_reset_forgets_everything_but_settings_and_day(emulator: Any) -> None:
    emulator.control("settings", {"page_size": 3})
    emulator.control("day", {"day": 4})
    emulator.control("faults", [{"action": "reset"}])
    emulator.control("lock", {})
    stats = emulator.control("reset", {})
    assert (stats["locked_until"], stats["tokens_alive"], stats["day"]) == (None, 0, 4)
    assert emulator.control("journal") == {"entries": []}
    assert emulator.control("faults")["rules"] == []
    assert emulator.control("settings")["page_size"] == 3
    assert emulator.get("/courses").status_code == 401


@pytest.mark.parametrize("body", [{}, {"day": -1}, {"day": True}, {"day": "1"}, {"day": 1, "x": 1}])
def test_a_day_is_a_whole_number(emulator: Any, body: Any) -> None:
    assert emulator.request("POST", "/_emulator/day", json=body).status_code == 400


@pytest.mark.parametrize("path", ["settings", "faults", "day"])
def test_a_body_that_is_no_json_is_refused(emulator: Any, path: str) -> None:
    answer = emulator.request("POST", f"/_emulator/{path}", content=b"{")
    assert answer.status_code == 400
    assert "no JSON" in answer.json()["detail"]


def test_a_wrong_fault_script_leaves_the_old_one_at_work(emulator: Any) -> None:
    emulator.control("faults", [{"action": "html"}])
    answer = emulator.request("POST", "/_emulator/faults", json=[{"action": "explode"}])
    assert answer.status_code == 400
    assert "unknown action 'explode'" in answer.json()["detail"]
    assert emulator.control("faults")["rules"][0]["action"] == "html"


def test_no_control_route_shows_a_secret_or_a_token(emulator: Any) -> None:
    emulator.get("/courses")
    for path in ("journal", "stats", "settings", "organisation", "faults"):
        shown = emulator.request("GET", f"/_emulator/{path}").text
        assert emulator.token not in shown
        assert "emulated-client-secret" not in shown
        assert "emulated-refresh-token" not in shown
