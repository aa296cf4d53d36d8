"""The client of Airflow's REST API, against a local server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local_airflow.api import AirflowApi
from local_airflow.problem import ApiProblem
from tests.helpers.local_server import LocalServer, running_server, says

TOKEN = says({"access_token": "t"})
LOCKED = says({"detail": {"reason": "Database error", "orig_error": "hidden"}}, status=500)
BROKEN = says({"detail": "Internal Server Error"}, status=500)
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


def test_what_the_database_refused_is_asked_for_again(server: LocalServer, api: AirflowApi) -> None:
    server.script(TOKEN, LOCKED, DONE)
    api.pause_dag("zoho", paused=False)
    assert [each.method for each in server.received] == ["GET", "PATCH", "PATCH"]


def test_a_second_failure_is_told(server: LocalServer, api: AirflowApi) -> None:
    server.script(TOKEN, LOCKED, LOCKED)
    with pytest.raises(ApiProblem, match="Database error"):
        api.pause_dag("zoho", paused=False)


def test_what_the_server_failed_at_in_another_way_is_not_asked_for_twice(
    server: LocalServer, api: AirflowApi
) -> None:
    server.script(TOKEN, BROKEN, DONE)
    with pytest.raises(ApiProblem):
        api.call("POST", "/pools", json={})
    assert [each.method for each in server.received] == ["GET", "POST"]


@pytest.mark.parametrize(("is_paused", "calls"), [(True, ["PATCH", "POST"]), (False, ["POST"])])
def test_a_dag_is_unpaused_for_a_run_only_where_it_is_paused(
    server: LocalServer, api: AirflowApi, is_paused: bool, calls: list[str]
) -> None:
    server.script(TOKEN, says({"is_paused": is_paused}), *(says({"dag_run_id": "1"}) for _ in calls))
    assert api.trigger_dag("zoho", {}) == "1"
    assert [each.method for each in server.received[2:]] == calls


@pytest.mark.parametrize(
    ("answers", "calls"),
    [([DONE], ["PATCH"]), ([says({}, status=404), DONE], ["PATCH", "POST"])],
)
def test_a_pool_is_changed_and_made_where_there_is_none(
    server: LocalServer, api: AirflowApi, answers: list[Any], calls: list[str]
) -> None:
    server.script(TOKEN, *answers)
    api.set_pool("zoho", 1, include_deferred=True)
    assert [each.method for each in server.received[1:]] == calls
