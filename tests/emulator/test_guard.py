"""Web pages of others don't reach the emulator."""

from __future__ import annotations

from typing import Any

import pytest

PATHS = [
    ("GET", "/_emulator/stats"),
    ("POST", "/_emulator/reset"),
    ("POST", "/oauth/v2/token"),
    ("GET", "/api/v1/courses"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8090",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil",
        "",
    ],
)
def test_a_name_that_somebody_points_to_this_machine_is_refused(
    emulator: Any, method: str, path: str, host: str
) -> None:
    answer = emulator.request(method, path, headers={"Host": host})
    assert answer.status_code == 403
    assert "Host" in answer.json()["detail"]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8090", "LOCALHOST:1", "127.0.0.1:8090", "127.0.1.1", "[::1]:8090"]
)
def test_the_names_of_this_machine_are_served(emulator: Any, host: str) -> None:
    assert emulator.request("GET", "/_emulator/stats", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1:8090.evil.example"]
)
def test_a_post_that_a_page_of_another_origin_sends_changes_nothing(emulator: Any, origin: str) -> None:
    headers = {"Host": "127.0.0.1:8090", "Origin": origin, "Content-Type": "text/plain"}
    before = emulator.control("settings")
    answer = emulator.request("POST", "/_emulator/settings", headers=headers, content='{"threshold": 1}')
    assert answer.status_code == 403
    assert emulator.control("settings") == before


def test_its_own_page_of_documentation_may_send(emulator: Any) -> None:
    headers = {"Host": "127.0.0.1:8090", "Origin": "http://127.0.0.1:8090"}
    assert emulator.request("POST", "/_emulator/reset", headers=headers).status_code == 200
