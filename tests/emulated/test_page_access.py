"""The page in a real API server of Airflow's, before people of several roles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_airflow import secrets_file
from local_airflow.api_server import ApiServer
from local_airflow.instance import LocalAirflow
from tests.emulated.journey import DAG_ID

pytestmark = pytest.mark.emulated

ROLES = {"reader": "viewer", "editor": "user", "visitor": ""}
"""By Airflow's simple auth manager: a visitor has a login and no role, and so may read no DAG."""

ANSWERS = ("snapshots", "health", "overview", "behind.csv", "behind.parquet")
PATHS = (
    "",
    "static/index.html",
    "nothing",
    "openapi.json",
    "docs",
    "api/nothing",
    *(f"api/{each}" for each in ANSWERS),
)
SEARCH = "Jane-Doe-of-this-test"


@pytest.fixture(scope="module")
def server(airflow: LocalAirflow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A second API server of the session's Airflow, in which people have to sign in."""
    airflow.api.wait_for_dag(DAG_ID)
    secrets = secrets_file.load_or_make(airflow.home / "secrets.json")
    env = {"AIRFLOW__ZOHO_PEOPLE__NAMES_PERMISSION": "edit_dag"}
    environment = airflow.configuration.environment(secrets, env)
    folder = tmp_path_factory.mktemp("api-server")
    with ApiServer(folder, environment, roles=ROLES, password="a-password-of-this-test") as running:
        yield running


def test_only_who_may_read_the_dag_sees_it_and_only_who_may_edit_it_sees_names(server: ApiServer) -> None:
    with server.client(None) as stranger:
        for method in ("GET", "HEAD", "POST"):
            codes = {path: stranger.request(method, f"/zoho-people/{path}").status_code for path in PATHS}
            assert set(codes.values()) == {401}, codes
        nonsense = {"Authorization": "Bearer nonsense"}
        assert stranger.get("/zoho-people/api/snapshots", headers=nonsense).status_code == 401
    with server.client("visitor") as visitor:
        assert visitor.get("/zoho-people/api/datasets").json() == []
        for name in ANSWERS:
            assert visitor.get(f"/zoho-people/api/{name}", params={"dag": DAG_ID}).status_code == 403
    for user, may_see_names in (("reader", False), ("editor", True)):
        with server.client(user) as browser:
            listed = {each["dag_id"]: each for each in browser.get("/zoho-people/api/datasets").json()}
            assert listed[DAG_ID]["may_see_names"] is may_see_names
            assert browser.get("/zoho-people/api/snapshots", params={"dag": DAG_ID}).status_code == 200
            health = browser.get("/zoho-people/api/health", params={"dag": DAG_ID}).json()
            assert health["limit"]["slots"] == 30
            assert browser.post("/zoho-people/api/health").status_code == 405
            browser.get("/zoho-people/api/learners", params={"dag": DAG_ID, "q": SEARCH})
    assert "/zoho-people/api/learners" in server.log
    assert SEARCH not in server.log


def test_the_page_is_in_the_navigation_and_beside_the_dag(airflow: LocalAirflow) -> None:
    (plugin,) = [each for each in airflow.api.get("/plugins")["plugins"] if each["name"] == "zoho_people"]
    assert {view["destination"] for view in plugin["external_views"]} == {"nav", "dag"}
