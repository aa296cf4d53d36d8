"""The connection in Airflow's UI and REST API: its form, its secrets, its test."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from tests.emulated.journey import Journey

pytestmark = pytest.mark.emulated

CONNECTION = "zoho_people_form"


@pytest.fixture
def http(airflow: LocalAirflow) -> Any:
    token = httpx.get(f"{airflow.url}/auth/token", trust_env=False).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=airflow.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client
        client.delete(f"/api/v2/connections/{CONNECTION}")


def test_a_connection_from_the_form_keeps_its_secrets_and_is_tested_by_one_request(
    http: httpx.Client, emulator: LocalEmulator, journey: Journey
) -> None:
    """*journey* leaves no lock and no spent quota of an earlier test: the Test button would heed them."""
    forms = {each["connection_type"]: each for each in http.get("/ui/connections/hook_meta").json()}
    fields = forms["zoho_people"]["extra_fields"]
    settings = {"refresh_token": "1000.emulated-refresh-token", "accounts_url": emulator.url}
    body = {
        "connection_id": CONNECTION,
        "conn_type": "zoho_people",
        "host": emulator.url,
        "login": "emulated-client-id",
        "password": "emulated-client-secret",
        "extra": json.dumps({**dict.fromkeys(fields), **settings}),
    }
    assert _tested(http, emulator, body) == (True, 1)
    assert http.post("/api/v2/connections", json=body).status_code == 201
    shown = http.get(f"/api/v2/connections/{CONNECTION}").json()
    assert "emulated-refresh-token" not in shown["extra"]
    assert shown["password"] == "***"
    unchanged = {**body, "password": shown["password"], "extra": shown["extra"]}
    assert http.patch(f"/api/v2/connections/{CONNECTION}", json=unchanged).status_code == 200
    assert _tested(http, emulator, unchanged) == (True, 1)
    minted = emulator.control.stats()["tokens_minted"]
    assert _tested(http, emulator, unchanged) == (True, 1)
    assert emulator.control.stats()["tokens_minted"] == minted
    assert _tested(http, emulator, {**unchanged, "password": "another"}) == (False, 0)


def _tested(http: httpx.Client, emulator: LocalEmulator, body: dict[str, Any]) -> tuple[bool, int]:
    """Whether it works, and how many requests the API saw."""
    before = emulator.control.stats()["requests"]["api"]
    status = http.post("/api/v2/connections/test", json=body).json()["status"]
    return status, emulator.control.stats()["requests"]["api"] - before
