"""The page in a real API server of Airflow's, before people of several roles."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from local_airflow import port, private, secrets_file
from local_airflow.instance import LocalAirflow
from tests.emulated.journey import DAG_ID

pytestmark = pytest.mark.emulated

PASSWORD = "a-password-of-this-test"
ROLES = {"reader": "viewer", "editor": "user", "visitor": ""}
"""By Airflow's simple auth manager: a visitor has a login and no role, and so may read no DAG."""

PATHS = (
    "",
    "static/index.html",
    "nothing",
    "openapi.json",
    "docs",
    *(
        f"api/{name}"
        for name in ("datasets", "snapshots", "health", "behind.csv", "behind.parquet", "nothing")
    ),
)
STARTED_S = 120.0


@pytest.fixture(scope="module")
def api_server(airflow: LocalAirflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A second API server of the session's Airflow, in which people have to sign in."""
    airflow.api.wait_for_dag(DAG_ID)
    folder = tmp_path_factory.mktemp("api-server")
    passwords = folder / "passwords.json"
    private.write(passwords, json.dumps(dict.fromkeys(ROLES, PASSWORD)))
    number = port.any_free()
    url = f"http://127.0.0.1:{number}"
    home = airflow.configuration.home
    environment = {
        **airflow.configuration.environment(secrets_file.load_or_make(home / "secrets.json"), airflow._env),
        "AIRFLOW__API__PORT": str(number),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            f"{name}:{role}" for name, role in ROLES.items()
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__ZOHO_PEOPLE__NAMES_PERMISSION": "edit_dag",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "airflow", "api-server"], env=environment, stdout=log, stderr=log
        )
    try:
        _wait_until_ready(url, folder / "log")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + STARTED_S
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/api/v2/monitor/health", trust_env=False).is_success:
                return
        time.sleep(0.5)
    raise AssertionError(log.read_text()[-2_000:])


def signed_in(url: str, user: str | None) -> httpx.Client:
    """A browser: with the cookie that signing in gives, or as a stranger."""
    client = httpx.Client(base_url=url, timeout=60, trust_env=False)
    if user is not None:
        answer = client.post("/auth/token", json={"username": user, "password": PASSWORD})
        client.cookies.set("_token", answer.json()["access_token"])
    return client


def test_only_who_may_read_the_dag_sees_it_and_only_who_may_edit_it_sees_names(api_server: str) -> None:
    with signed_in(api_server, None) as stranger:
        for method in ("GET", "HEAD", "POST"):
            codes = {path: stranger.request(method, f"/zoho-people/{path}").status_code for path in PATHS}
            assert set(codes.values()) == {401}, codes
        stranger.headers["Authorization"] = "Bearer nonsense"
        assert stranger.get("/zoho-people/api/snapshots").status_code == 401
    with signed_in(api_server, "visitor") as visitor:
        assert visitor.get("/zoho-people/api/datasets").json() == []
        for name in ("snapshots", "health", "behind.csv"):
            assert visitor.get(f"/zoho-people/api/{name}", params={"dag": DAG_ID}).status_code == 403
    for user, may_see_names in (("reader", False), ("editor", True)):
        with signed_in(api_server, user) as browser:
            listed = {each["dag_id"]: each for each in browser.get("/zoho-people/api/datasets").json()}
            assert listed[DAG_ID]["may_see_names"] is may_see_names
            assert browser.get("/zoho-people/api/snapshots", params={"dag": DAG_ID}).status_code == 200
            health = browser.get("/zoho-people/api/health", params={"dag": DAG_ID}).json()
            assert health["limit"]["slots"] == 30
            assert browser.post("/zoho-people/api/health").status_code == 405


def test_the_page_is_in_the_navigation_and_beside_the_dag(airflow: LocalAirflow) -> None:
    (plugin,) = [each for each in airflow.api.get("/plugins")["plugins"] if each["name"] == "zoho_people"]
    assert {view["destination"] for view in plugin["external_views"]} == {"nav", "dag"}
