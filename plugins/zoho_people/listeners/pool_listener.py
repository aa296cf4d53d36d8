"""Runs in the scheduler: tells the tasks how the pools are, when a run starts that asks Zoho People."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

from zoho_people.model.pool_names import API_POOL
from zoho_people.shared.pools import POOLS_VARIABLE, PoolState, write_pools

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

OPERATORS = ("ZohoLearnerProgressOperator", "ZohoRosterOperator", "RunFetchOperator", "RunRosterOperator")
"""The names, as Airflow keeps them with each task, of the operators that send requests, in whichever pool."""


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:
    """Write the pools' state in the scheduler's own transaction (it allows no other), for the run's tasks."""
    tell_pools(dag_run, now=time.time())


def tell_pools(dag_run: DagRun, *, now: float) -> None:
    """Write how the pools are *now*, where a task of the run asks Zoho. Nothing is raised."""
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or not _asks_zoho(dag_run, session):
        return
    try:
        _tell(session, now)
    except Exception:
        log.exception("The state of the pools could not be told to the run %s", dag_run.run_id)


def _asks_zoho(dag_run: DagRun, session: Session) -> bool:
    """Whether a task of the run is one of these operators, or is in the pool that an own task takes by default."""
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import or_, select

    found = select(TaskInstance.id).where(
        TaskInstance.dag_id == dag_run.dag_id,
        TaskInstance.run_id == dag_run.run_id,
        or_(TaskInstance.operator.in_(OPERATORS), TaskInstance.pool == API_POOL),
    )
    return session.scalar(found.limit(1)) is not None


def _tell(session: Session, now: float) -> None:
    """Tell of all pools: an organisation has its own, and what is told of one must not hide the others'."""
    from airflow.configuration import conf
    from airflow.models.pool import Pool
    from airflow.models.variable import Variable
    from sqlalchemy import select

    pools = session.scalars(select(Pool))
    states = {str(pool.pool): PoolState(pool.slots, pool.include_deferred) for pool in pools}
    Variable.set(
        POOLS_VARIABLE,
        write_pools(
            states,
            seen_at=now,
            heartbeat_timeout_s=conf.getfloat("scheduler", "task_instance_heartbeat_timeout"),
        ),
        description="The pools as the scheduler saw them at a run's start",
        session=session,
    )
