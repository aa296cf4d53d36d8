"""Run health: what is told of the limit, the quota, the token, runs and failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.web.house import House, house_of, progress_dag, state_of
from zoho_people.model.run_xcoms import PlanFigures, Spent
from zoho_people.shared.access_token import TokenCipher, TokenState, fingerprint_of
from zoho_people.shared.connection_state import SharedState
from zoho_people.storage.layout import run_key
from zoho_people.web.door import Failure, PoolUse, Run
from zoho_people.web.health import Health, by_minute
from zoho_people.zoho.settings import ConnectionSettings
from zoho_people.zoho.token import AccessToken

NOW = datetime(2026, 1, 2, 12, 0, 30, tzinfo=UTC)
SETTINGS = ConnectionSettings("id", "secret", "refresh", "https://x", "https://y", daily_limit=1_000)
DAG = progress_dag("eu", "/data/eu")


@pytest.fixture
def house() -> House:
    house = house_of(DAG)
    house.pools = {"eu_api": PoolUse(30, 12)}
    house.connections = {"eu_conn": SETTINGS}
    house.states = {"eu_conn": state_of("eu_conn")}
    return house


@pytest.fixture
def shared(house: House) -> SharedState:
    return house.states["eu_conn"]


def told(house: House) -> dict[str, Any]:
    return Health(house, DAG, "reader", NOW, "/air").facts()


def counts(first: datetime, last: datetime, requests: int) -> Spent:
    return Spent(
        requests=requests,
        first_at=first.timestamp(),
        last_at=last.timestamp(),
        by_day={last.date(): requests},
    )


def test_the_limit_is_the_pool_s_and_the_window_s(house: House, shared: SharedState) -> None:
    assert told(house)["limit"] == {
        "requests_per_minute": 30,
        "slots": 30,
        "slots_in_use": 12,
        "locked_until": None,
    }
    shared.gate(credentials="").lock((NOW + timedelta(minutes=3)).timestamp())
    assert told(house)["limit"]["locked_until"] == "2026-01-02T12:03:30Z"


def test_a_lock_that_is_over_is_none(house: House, shared: SharedState) -> None:
    shared.gate(credentials="").lock((NOW - timedelta(seconds=1)).timestamp())
    assert told(house)["limit"]["locked_until"] is None


def test_what_a_running_run_has_booked_and_not_sent_is_told_apart(house: House, shared: SharedState) -> None:
    today = NOW.date()
    shared.ledger.book(run_key("eu", "r2"), {today: 200}, today=today)
    shared.ledger.book(run_key("eu", "r1"), {today: 100}, today=today)
    house.told_runs = [Run("r2", "running", NOW, None), Run("r1", "success", NOW, NOW)]
    house.counted = [("r2", counts(NOW, NOW, 30)), ("r1", counts(NOW, NOW, 100))]
    assert told(house)["quota"] == {
        "day": "2026-01-02",
        "limit": 900,
        "spent": 130,
        "booked": 170,
        "left": 600,
        "resets_at": "2026-01-03T00:00:00Z",
    }


def test_nothing_is_left_once_zoho_says_so(house: House, shared: SharedState) -> None:
    shared.gate(credentials="").close_for_the_day(NOW.timestamp())
    assert told(house)["quota"]["left"] == 0


def test_without_a_daily_limit_nobody_knows_what_is_left(house: House) -> None:
    house.connections["eu_conn"] = ConnectionSettings("id", "secret", "refresh", "https://x", "https://y")
    assert told(house)["quota"]["limit"] is None
    assert told(house)["quota"]["left"] is None


def test_the_token_s_state_tells_nothing_of_the_token(house: House, shared: SharedState) -> None:
    assert told(house)["token"]["state"] == "none"
    for left, state in ((60, "valid"), (-1, "expired")):
        token = AccessToken("1000.secret", NOW.timestamp() + left, 3600.0)
        shared.token.save(TokenCipher(SETTINGS).seal(TokenState(token)))
        assert told(house)["token"]["state"] == state
        assert "secret" not in str(told(house))
    shared.gate(credentials=fingerprint_of(SETTINGS)).stop("the refresh token is unknown")
    assert told(house)["token"] == {
        "state": "refused",
        "expires_at": None,
        "problem": "the refresh token is unknown",
    }


def test_a_missing_pool_and_connection_are_said_and_the_rest_is_told(house: House) -> None:
    house.pools, house.connections = {}, {}
    found = told(house)
    assert found["quota"] is found["token"] is None
    assert found["limit"]["slots"] is None
    assert ["eu_api" in found["warnings"][0], "'eu_conn'" in found["warnings"][1]] == [True, True]


def test_a_failure_has_its_problem_its_cure_and_its_address(house: House) -> None:
    said = "the pool eu_api is missing; make it in Admin, Pools"
    house.told_failures = [Failure("manual__1+0", "fetch", 7, NOW, said), Failure("r", "plan", -1, NOW)]
    mapped, plain = told(house)["failures"]
    assert (mapped["message"], mapped["cure"]) == ("the pool eu_api is missing", "make it in Admin, Pools")
    assert mapped["url"] == "/air/dags/eu/runs/manual__1%2B0/tasks/fetch/mapped/7"
    assert plain["url"] == "/air/dags/eu/runs/r/tasks/plan"
    assert (plain["message"], plain["cure"]) == (None, "its log says more")


def test_the_last_dry_run_s_plan_is_told(house: House) -> None:
    plan = {"units": 30, "requests": 31, "minutes": 2}
    house.told_runs = [
        Run("r3", "success", NOW, NOW, plan=PlanFigures(units=1)),
        Run("r2", "success", NOW, NOW, is_dry=True, plan=PlanFigures(**plan)),
        Run("r1", "success", NOW, NOW, is_dry=True, plan=PlanFigures(units=9)),
    ]
    assert told(house)["dry_run"] == {"dag_run_id": "r2", **plan}


def test_requests_of_other_dags_with_the_same_connection_count_as_far_as_they_may_be_read(
    house: House, shared: SharedState
) -> None:
    names = ("us", "secret", "other")
    others = {name: progress_dag(name, f"/data/{name}") for name in names}
    for name in ("us", "secret"):
        others[name] = replace(others[name], names=replace(others[name].names, conn_id="eu_conn"))
    house.known = [DAG, *others.values()]
    house.readers["reader"] |= {"us", "other"}
    at = NOW - timedelta(minutes=9)
    for name, number in (("eu", 3), ("us", 4), ("secret", 5), ("other", 6)):
        house.counted_of[name] = [("r", counts(at, at, number))]
    shared.ledger.book(run_key("eu", "r"), {NOW.date(): 20}, today=NOW.date())
    house.told_runs = [Run("r", "running", at, None)]
    found = told(house)
    assert found["requests"] == [{"minute": "2026-01-02T11:51:00Z", "count": 7}]
    assert found["requests_of"] == ["eu", "us"]
    assert found["quota"]["spent"] == 3, "a run of another DAG may be called alike"


def test_requests_are_counted_once_though_two_tell_of_them() -> None:
    sent = [NOW.timestamp() - 5, NOW.timestamp() - 4, NOW.timestamp() - 40]
    counted = [
        ("r", counts(NOW - timedelta(seconds=5), NOW - timedelta(seconds=5), 1)),
        ("r", counts(NOW - timedelta(minutes=2), NOW - timedelta(minutes=1), 3)),
        ("r", counts(NOW - timedelta(hours=3), NOW - timedelta(hours=3), 1)),
    ]
    assert by_minute(sent, counted, since=NOW - timedelta(hours=1)) == [
        {"minute": "2026-01-02T11:58:00Z", "count": 1},
        {"minute": "2026-01-02T11:59:00Z", "count": 2},
        {"minute": "2026-01-02T12:00:00Z", "count": 2},
    ]
