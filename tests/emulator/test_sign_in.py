from __future__ import annotations

from typing import Any

import pytest


def test_a_token_opens_the_api(make_emulator: Any) -> None:
    emulator = make_emulator()
    body = emulator.sign_in()
    assert body["expires_in"] == 3600
    assert body["token_type"] == "Bearer"
    assert body["api_domain"] == "http://localhost"
    assert emulator.get("/courses").status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": "other"}, "invalid_client"),
        ({"client_secret": "other"}, "invalid_client"),
        ({"refresh_token": "other"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_failure_comes_with_status_200(emulator: Any, form: dict[str, str], error: str) -> None:
    body = emulator.sign_in(**form)
    assert body["error"] == error
    assert "access_token" not in body


def test_the_eleventh_token_of_ten_minutes_is_denied(emulator: Any, clock: Any) -> None:
    for _ in range(9):
        assert "access_token" in emulator.sign_in()
    assert emulator.sign_in()["error"] == "Access Denied"
    clock.tick(600)
    assert "access_token" in emulator.sign_in()
    assert emulator.control("stats")["tokens_minted"] == 11


def test_secrets_in_the_url_are_refused_and_not_written_down(emulator: Any) -> None:
    secrets = "client_id=emulated-client-id&client_secret=emulated-client-secret"
    path = f"/oauth/v2/token?grant_type=refresh_token&{secrets}&refresh_token=1000.emulated-refresh-token"
    answer = emulator.request("POST", path)
    assert answer.json()["error"] == "secret_in_url"
    entry = emulator.control("journal")["entries"][-1]
    assert entry["decision"] == "secret_in_url"
    assert "emulated" not in str(entry)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer {token}", "Zoho-oauthtoken ", "Zoho-oauthtoken 1000.x"]
)
def test_without_a_good_token_nothing_is_told(emulator: Any, authorization: str) -> None:
    headers = {"Authorization": authorization.format(token=emulator.token)}
    answer = emulator.request("GET", "/api/v1/courses", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "INVALID_OAUTHTOKEN"


def test_a_token_ends_after_its_lifetime_or_when_revoked(emulator: Any, clock: Any) -> None:
    clock.tick(3600)
    assert emulator.get("/courses").status_code == 401
    emulator.sign_in()
    assert emulator.get("/courses").status_code == 200
    assert emulator.control("tokens/revoke", {}) == {"revoked": 1}
    assert emulator.get("/courses").status_code == 401


def test_a_token_without_the_scope_is_told_so(make_emulator: Any) -> None:
    emulator = make_emulator(scope="ZOHOPEOPLE.forms.READ")
    assert emulator.get("/courses").json()["code"] == "OAUTH_SCOPE_MISMATCH"
    for scope in ("ZOHOPEOPLE.training.ALL", "ZOHOPEOPLE.forms.READ,ZOHOPEOPLE.training.READ"):
        emulator.control("settings", {"scope": scope})
        emulator.sign_in()
        assert emulator.get("/courses").status_code == 200


def test_credentials_can_change_while_it_runs(emulator: Any) -> None:
    emulator.control("settings", {"client_secret": "another"})
    assert emulator.sign_in()["error"] == "invalid_client"
    assert "access_token" in emulator.sign_in(client_secret="another")


def test_a_grant_code_gives_the_refresh_token_once(emulator: Any) -> None:
    code = {"grant_type": "authorization_code", "code": "1000.emulated-grant-code"}
    assert emulator.sign_in(**{**code, "code": "other"})["error"] == "invalid_code"
    assert emulator.sign_in(**code)["refresh_token"] == "1000.emulated-refresh-token"
    assert emulator.sign_in(**code)["error"] == "invalid_code"
    assert "refresh_token" not in emulator.sign_in()
