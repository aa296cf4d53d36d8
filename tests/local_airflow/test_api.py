"""The client of Airflow's REST API, against a local server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_airflow.api import AirflowApi
from local_airflow.problem import ApiProblem
from tests.helpers.local_server import LocalServer, running_server, says

TOKEN = says({"access_token": "t"})
LOCKED = says({"detail": "database is locked"}, status=500)
DONE = says({})


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def api(server: LocalServer) -> Iterator[AirflowApi]:
    api = AirflowApi(server.url)
    yield api
    api.close()


def test_a_change_that_the_server_failed_at_is_asked_for_again(server: LocalServer, api: AirflowApi) -> None:
    server.script(TOKEN, LOCKED, DONE)
    api.pause_dag("zoho", paused=False)
    assert [each.method for each in server.received] == ["GET", "PATCH", "PATCH"]


def test_a_second_failure_is_told(server: LocalServer, api: AirflowApi) -> None:
    server.script(TOKEN, LOCKED, LOCKED)
    with pytest.raises(ApiProblem, match="database is locked"):
        api.pause_dag("zoho", paused=False)


def test_what_makes_something_is_not_asked_for_twice(server: LocalServer, api: AirflowApi) -> None:
    server.script(TOKEN, LOCKED, DONE)
    with pytest.raises(ApiProblem):
        api.call("POST", "/pools", json={})
    assert [each.method for each in server.received] == ["GET", "POST"]
