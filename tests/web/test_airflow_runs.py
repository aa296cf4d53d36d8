"""What the page reads of a DAG's runs, out of Airflow's own tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from airflow.models.dagrun import DagRun
from airflow.models.xcom import XComModel
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from zoho_people.model.run_tasks import COUNTED
from zoho_people.model.run_xcoms import PLAN, REQUEST, PlanFigures, Request, Spent
from zoho_people.web.airflow_runs import counts_of, runs_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SPENT = Spent(requests=2, first_at=1.0, last_at=2.0, by_day={NOW.date(): 2}, locked=[])


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    for model in (DagRun, XComModel):
        model.metadata.tables[model.__tablename__].create(engine)
    with Session(engine) as session:
        for number in (1, 2):
            add_run(session, number)
        yield session
    engine.dispose()


def add_run(session: Session, number: int) -> None:
    values = {"id": number, "dag_id": "a_dag", "run_id": f"run {number}", "run_type": "manual"}
    run = {**values, "run_after": NOW + timedelta(hours=number), "state": "success", "start_date": NOW}
    session.execute(insert(DagRun).values(**run, clear_number=0, log_template_id=1))


def tell(session: Session, number: int, task_id: str, key: str, value: Any, *, map_index: int = -1) -> None:
    of_run = {"dag_run_id": number, "dag_id": "a_dag", "run_id": f"run {number}", "map_index": map_index}
    session.execute(insert(XComModel).values(**of_run, task_id=task_id, key=key, value=value, timestamp=NOW))


def test_runs_are_told_with_their_request_and_plan_the_newest_first(session: Session) -> None:
    request = Request(
        entity_types=("files",), output_path="/data", snapshot_date=date(2026, 1, 2), dry_run=True, slots=30
    )
    plan = PlanFigures(units=3, requests=4, minutes=1.5)
    tell(session, 1, REQUEST.task_id, REQUEST.key, request.to_json())
    tell(session, 1, PLAN.task_id, PLAN.key, plan.to_json())
    newest, oldest = runs_of(session, "a_dag", most=9)
    assert [newest.run_id, newest.is_dry, newest.plan] == ["run 2", False, None]
    assert [oldest.run_id, oldest.is_dry] == ["run 1", True]
    assert oldest.plan is not None
    assert oldest.plan.to_json() == plan.to_json()


def test_counts_are_those_of_every_task_that_sends_requests(session: Session) -> None:
    for map_index, (task_id, key) in enumerate(COUNTED):
        tell(session, 1, task_id, key, {**SPENT.to_json(), "outcome": "fetched"}, map_index=map_index)
    assert counts_of(session, "a_dag", NOW) == [("run 1", SPENT)] * len(COUNTED)
    assert counts_of(session, "a_dag", NOW + timedelta(seconds=1)) == []


@pytest.mark.parametrize("value", [{"requests": "many"}, "nothing", None, 7])
def test_what_another_version_told_is_passed_over(session: Session, value: Any) -> None:
    for task_id, key in ((REQUEST.task_id, REQUEST.key), (PLAN.task_id, PLAN.key), COUNTED[-1]):
        tell(session, 2, task_id, key, value)
    newest, _ = runs_of(session, "a_dag", most=2)
    assert [newest.is_dry, newest.plan] == [False, None]
    assert counts_of(session, "a_dag", NOW) == []
