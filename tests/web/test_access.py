"""Who may see the page: nobody without a login, nothing of a DAG that one may not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Route

from tests.web.house import House, house_of, progress_dag
from zoho_people.web.api import api_routes
from zoho_people.web.app import create_app
from zoho_people.web.headers import HEADERS
from zoho_people.web.keeper import Keeper

EVERYTHING = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BESIDE = (
    "/",
    "/static/",
    "/static/js/main.js",
    "/nothing",
    "/api",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/..//x",
)


def api_paths() -> list[str]:
    return [
        f"/api{route.path}"
        for route in api_routes(House(), Keeper(Path("/nowhere"))).routes
        if isinstance(route, Route)
    ]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return house_of(progress_dag("zoho_eu", str(tmp_path / "eu")))


@pytest.mark.parametrize("path", [*api_paths(), *BESIDE])
def test_a_stranger_gets_401_whatever_the_path_and_the_method(house: House, path: str) -> None:
    stranger = house.client(None)
    for method in EVERYTHING:
        answer = stranger.request(method, path)
        assert answer.status_code == 401, method
        assert method == "HEAD" or "sign in" in answer.json()["detail"]["cure"]


def test_a_stranger_who_opens_the_page_reads_what_to_do(house: House) -> None:
    answer = house.client(None).get("/", headers={"accept": "text/html"})
    assert answer.status_code == 401
    assert "sign in" in answer.text


@pytest.mark.parametrize("path", [path for path in api_paths() if path != "/api/datasets"])
def test_who_may_not_read_the_dag_gets_403_for_everything_about_it(house: House, path: str) -> None:
    for query in ({"dag": "zoho_eu"}, {"dag": "no_such_dag"}, {}):
        answer = house.client("visitor").get(path, params=query)
        assert answer.status_code == 403, (path, query)
        assert "read access" in answer.json()["detail"]["cure"]


def test_only_the_dags_that_the_user_may_read_are_listed(tmp_path: Path) -> None:
    house = house_of(progress_dag("eu", str(tmp_path)), progress_dag("us", str(tmp_path)))
    house.readers["reader"] = {"us"}
    assert house.client("reader").get("/api/datasets").json() == [
        {"dag_id": "us", "dag_display_name": "US", "may_see_names": False}
    ]
    assert [dag["may_see_names"] for dag in house.client("hr").get("/api/datasets").json()] == [True, True]
    assert house.client("visitor").get("/api/datasets").json() == []


@pytest.mark.parametrize("path", api_paths())
def test_nothing_can_be_changed(house: House, path: str) -> None:
    hr = house.client("hr")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = hr.request(method, path)
        assert answer.status_code == 405, method
        assert answer.json()["detail"]["problem"]


def test_every_route_only_reads() -> None:
    routes: list[Any] = list(api_routes(House(), Keeper(Path("/nowhere"))).routes)
    assert routes
    assert all(route.methods == {"GET", "HEAD"} for route in routes)


def test_every_answer_keeps_browsers_from_harm(house: House) -> None:
    for user in (None, "hr"):
        for path in ("/api/datasets", "/api/snapshots", "/nothing"):
            headers = house.client(user).get(path).headers
            assert HEADERS.items() <= {name.title(): value for name, value in headers.items()}.items() or all(
                headers[name] == value for name, value in HEADERS.items()
            )
            assert headers["cache-control"] == "no-store"


def test_a_dag_that_is_not_one_of_progress_is_named(house: House) -> None:
    house.readers["reader"].add("example")
    answer = house.client("reader").get("/api/snapshots", params={"dag": "example"})
    assert answer.status_code == 404
    assert "'example'" in answer.json()["detail"]["problem"]


def test_of_several_dags_one_has_to_be_named(tmp_path: Path) -> None:
    house = house_of(progress_dag("eu", str(tmp_path)), progress_dag("us", str(tmp_path)))
    answer = house.client("reader").get("/api/snapshots")
    assert answer.status_code == 400
    assert "eu, us" in answer.json()["detail"]["problem"]


def test_an_error_of_the_page_s_own_tells_nobody_a_value(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(House):
        def dags(self) -> Any:
            raise ValueError("Jane Doe")

    broken = Broken(house.known, house.readers)
    answer = broken.client("reader").get("/api/datasets")
    assert answer.status_code == 500
    assert "Jane" not in answer.text + caplog.text
    assert "ValueError at" in caplog.text


def test_the_page_describes_itself_to_nobody(house: House) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert house.client("hr").get(path).status_code == 404


def test_the_app_is_no_app_that_airflow_could_open_past_the_login(house: House) -> None:
    assert not isinstance(create_app(house), FastAPI)
