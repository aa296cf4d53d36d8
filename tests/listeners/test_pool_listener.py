"""The listener against Airflow's own models in a database in memory: as many tables as it looks at."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import airflow.models.dag
import airflow.models.serialized_dag
import airflow.models.trigger  # noqa: F401 (tables that the others refer to)
import pytest
from airflow.models.base import Base
from airflow.models.dagrun import DagRun
from airflow.models.pool import Pool
from airflow.models.variable import Variable
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from tests.helpers.fakes import NOW
from zoho_people.listeners import pool_listener
from zoho_people.model.pool_names import API_POOL, PUBLISH_POOL
from zoho_people.shared.pools import POOLS_VARIABLE, PoolState, read_heartbeat_timeout_s, read_pools

TABLES = ("dag_run", "log_template", "slot_pool", "task_instance", "variable")


class Database:
    """Airflow's database, as the scheduler's transaction sees it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add_pool(self, name: str, slots: int, *, include_deferred: bool) -> None:
        self.session.add(Pool(pool=name, slots=slots, description="", include_deferred=include_deferred))
        self.session.flush()

    def run_with(self, *pools: str, operator: str = "PythonOperator") -> DagRun:
        """A run, a task of *operator* in each of *pools*."""
        run = DagRun(dag_id="a_dag", run_id=str(uuid.uuid4()), run_type="manual", run_after=datetime.now(UTC))
        self.session.add(run)
        self.session.flush()
        for index, pool in enumerate(pools):
            task = {"task_id": f"task-{index}", "dag_id": run.dag_id, "run_id": run.run_id, "map_index": -1}
            table = Base.metadata.tables["task_instance"]
            row = insert(table).values(id=uuid.uuid4(), pool=pool, pool_slots=1, operator=operator, **task)
            self.session.execute(row)
        return run

    @property
    def told(self) -> dict[str, PoolState] | None:
        variable = self.session.query(Variable).filter_by(key=POOLS_VARIABLE).one_or_none()
        return read_pools(variable and variable.get_val(), since=0.0)


@pytest.fixture
def database() -> Iterator[Database]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, tables=[Base.metadata.tables[name] for name in TABLES])
    with Session(engine) as session:
        yield Database(session)
    engine.dispose()


@pytest.fixture
def with_pools(database: Database) -> Database:
    database.add_pool(API_POOL, 30, include_deferred=True)
    database.add_pool(PUBLISH_POOL, 1, include_deferred=False)
    database.add_pool("default_pool", 128, include_deferred=False)
    return database


TOLD = {
    API_POOL: PoolState(30, include_deferred=True),
    PUBLISH_POOL: PoolState(1, include_deferred=False),
    "default_pool": PoolState(128, include_deferred=False),
}


def test_a_run_that_uses_the_api_pool_is_told_the_pools(with_pools: Database) -> None:
    pool_listener.on_dag_run_running(with_pools.run_with("default_pool", API_POOL), "")
    assert with_pools.told == TOLD


@pytest.mark.parametrize("pools", [(), ("default_pool",), (PUBLISH_POOL,)])
def test_a_run_that_does_not_use_it_is_told_nothing(with_pools: Database, pools: tuple[str, ...]) -> None:
    with_pools.run_with(API_POOL)
    pool_listener.on_dag_run_running(with_pools.run_with(*pools), "")
    assert with_pools.told is None


@pytest.mark.parametrize("operator", pool_listener.OPERATORS)
def test_a_run_with_an_operator_of_this_project_is_told_its_pools_whatever_they_are_called(
    with_pools: Database, operator: str
) -> None:
    with_pools.add_pool("zoho_eu_api", 12, include_deferred=True)
    pool_listener.on_dag_run_running(with_pools.run_with("zoho_eu_api", operator=operator), "")
    assert with_pools.told == {**TOLD, "zoho_eu_api": PoolState(12, include_deferred=True)}


def test_the_operators_are_known_by_the_names_of_those_that_send_requests() -> None:
    from zoho_people.operators.paced import PacedOperator

    def below(cls: type) -> set[type]:
        return set(cls.__subclasses__()).union(*(below(each) for each in cls.__subclasses__()))

    importlib.import_module("zoho_people.dags.run_operators")
    own = {each.__name__ for each in below(PacedOperator) if each.__module__.startswith("zoho_people.")}
    assert own == set(pool_listener.OPERATORS)


def test_a_run_is_told_how_long_the_scheduler_waits_for_a_silent_task(
    with_pools: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT", "45")
    pool_listener.on_dag_run_running(with_pools.run_with(API_POOL), "")
    variable = with_pools.session.query(Variable).filter_by(key=POOLS_VARIABLE).one()
    assert read_heartbeat_timeout_s(variable.get_val()) == 45.0


def test_pools_that_are_missing_are_told_as_missing(database: Database) -> None:
    pool_listener.on_dag_run_running(database.run_with(API_POOL), "")
    assert database.told == {}


def test_what_changed_since_the_last_run_is_told_to_the_next(with_pools: Database) -> None:
    pool_listener.on_dag_run_running(with_pools.run_with(API_POOL), "")
    with_pools.session.query(Pool).filter_by(pool=API_POOL).update({"include_deferred": False, "slots": 5})
    pool_listener.on_dag_run_running(with_pools.run_with(API_POOL), "")
    assert with_pools.told == {**TOLD, API_POOL: PoolState(5, include_deferred=False)}


def test_what_did_not_change_is_written_again_with_when_it_was_seen(with_pools: Database) -> None:
    for now in (NOW, NOW + 5.0):
        pool_listener.tell_pools(with_pools.run_with(API_POOL), now=now)
    variable = with_pools.session.query(Variable).filter_by(key=POOLS_VARIABLE).one()
    assert read_pools(variable.get_val(), since=NOW + 65.0) == TOLD


def test_what_it_writes_is_part_of_the_schedulers_own_transaction(with_pools: Database) -> None:
    with_pools.session.commit()
    pool_listener.on_dag_run_running(with_pools.run_with(API_POOL), "")
    with_pools.session.rollback()
    assert with_pools.told is None


def test_a_failure_harms_neither_the_run_nor_what_the_scheduler_wrote(
    with_pools: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = with_pools.run_with(API_POOL)
    monkeypatch.setenv("AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT", "soon")
    pool_listener.on_dag_run_running(run, "")
    assert with_pools.told is None
    assert with_pools.session.query(DagRun).count() == 1
    assert "could not be told" in caplog.text


def test_a_run_outside_any_session_is_left_alone() -> None:
    run: Any = DagRun(dag_id="a_dag", run_id="r", run_type="manual")
    pool_listener.on_dag_run_running(run, "")


def test_airflow_finds_the_listener_by_the_plugin() -> None:
    from airflow.listeners.listener import get_listener_manager

    from zoho_people.plugin import ZohoPeoplePlugin

    manager = get_listener_manager()
    for listener in ZohoPeoplePlugin.listeners:
        manager.add_listener(listener)
    try:
        assert manager.has_listeners
        assert manager.hook.on_dag_run_running.get_hookimpls()
    finally:
        manager.clear()
