"""Runs in the scheduler: tells the tasks how the pools are, when a run starts that asks Zoho People."""

from __future__ import annotations

import logging
import time
from typing import Any

from airflow.listeners import hookimpl

from zoho_people.model.pool_names import API_POOL
from zoho_people.shared.airflow_internals import (
    heartbeat_timeout_s,
    pools_in,
    run_has_task,
    set_variable_in,
)
from zoho_people.shared.pools import POOLS_VARIABLE, write_pools

log = logging.getLogger(__name__)

OPERATORS = ("ZohoLearnerProgressOperator", "ZohoListOperator", "RunFetchOperator", "RunListOperator")
"""The names, as Airflow keeps them with each task, of the operators that send requests, in whichever pool."""


@hookimpl
def on_dag_run_running(dag_run: Any, msg: str) -> None:
    """Write the pools' state in the scheduler's own transaction (it allows no other), for the run's tasks."""
    tell_pools(dag_run, now=time.time())


def tell_pools(dag_run: Any, *, now: float) -> None:
    """Write how the pools are *now*, where a task of the run asks Zoho. Nothing is raised.

    A run asks Zoho where a task is one of these operators, or is in the pool that an own task takes by default.
    """
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or not run_has_task(dag_run, session, operators=OPERATORS, pool=API_POOL):
        return
    try:
        # Of all pools: an organisation has its own, and what is told of one must not hide the others'.
        text = write_pools(pools_in(session), seen_at=now, heartbeat_timeout_s=heartbeat_timeout_s())
        set_variable_in(session, POOLS_VARIABLE, text, "The pools as the scheduler saw them at a run's start")
    except Exception:
        log.exception("The state of the pools could not be told to the run %s", dag_run.run_id)
