"""What Airflow's metadata database and logs have of a DAG's runs, for who may read them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.utils.log.log_reader import TaskLogReader
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from zoho_people.model.run_tasks import COUNTED, PLAN_TASK_ID
from zoho_people.model.run_xcoms import PLAN, REQUEST, RunXCom, Spent, Value
from zoho_people.web.door import Failure, Run
from zoho_people.web.failures import causes

log = logging.getLogger(__name__)

_SEEN_FOR_ONE = 4
"""How many failed tasks are looked at for each one shown: some failed only because another did."""

_MOST_LINES = 2_000
"""How many lines of a task's log are looked at; one of this package's has some 30."""


def runs_of(session: Session, dag_id: str, *, most: int) -> list[Run]:
    """The latest runs, the newest first."""
    newest = select(DagRun).where(DagRun.dag_id == dag_id).order_by(DagRun.run_after.desc()).limit(most)
    found = list(session.scalars(newest))
    run_ids = [run.run_id for run in found]
    requests = _told(session, dag_id, run_ids, REQUEST)
    plans = _told(session, dag_id, run_ids, PLAN)
    return [
        Run(
            run.run_id,
            str(run.state),
            run.start_date,
            run.end_date,
            is_dry=run.run_id in requests and requests[run.run_id].dry_run,
            plan=plans.get(run.run_id),
        )
        for run in found
    ]


def _told(session: Session, dag_id: str, run_ids: Sequence[str], xcom: RunXCom[Value]) -> dict[str, Value]:
    """What *xcom* holds, by run."""
    of_runs = select(XComModel).where(
        XComModel.dag_id == dag_id,
        XComModel.run_id.in_(run_ids),
        XComModel.task_id == xcom.task_id,
        XComModel.key == xcom.key,
    )
    values = {row.run_id: _value(row, xcom.kind) for row in session.scalars(of_runs)}
    return {run_id: value for run_id, value in values.items() if value is not None}


def failures_of(session: Session, dag_id: str, *, most: int, with_logs: bool) -> list[Failure]:
    """The last tasks that failed of themselves, the newest first, with the last error of their logs."""
    failed = (
        select(TaskInstance)
        .where(TaskInstance.dag_id == dag_id, TaskInstance.state == "failed")
        .order_by(TaskInstance.end_date.desc())
        .limit(_SEEN_FOR_ONE * most)
        .options(joinedload(TaskInstance.dag_run), joinedload(TaskInstance.dag_model))
        .options(joinedload(TaskInstance.trigger))
    )
    found = list(session.scalars(failed))
    planned = _planned(session, dag_id, {ti.run_id for ti in found})
    return [
        _failure(ti, _last_error(ti) if with_logs else _LoggedError())
        for ti in causes(found, planned=planned)[:most]
    ]


def _failure(ti: Any, logged: _LoggedError) -> Failure:
    label = ti.rendered_map_index or ""
    return Failure(ti.run_id, ti.task_id, ti.map_index, ti.end_date, logged.said, logged.error, label)


def _planned(session: Session, dag_id: str, run_ids: Collection[str]) -> set[str]:
    """Those of the runs that have a plan."""
    plans = select(TaskInstance.run_id).where(
        TaskInstance.dag_id == dag_id,
        TaskInstance.run_id.in_(run_ids),
        TaskInstance.task_id == PLAN_TASK_ID,
        TaskInstance.state == "success",
    )
    return set(session.scalars(plans))


class _LoggedError(NamedTuple):
    """What a log *said* of an error, and the class of the *error*; empty where it says nothing."""

    said: str = ""
    error: str = ""


def _last_error(ti: Any) -> _LoggedError:
    """The last error in the task's log; empty where the log can't be read."""
    try:
        lines, _ = TaskLogReader().read_log_chunks(ti, ti.try_number, {"end_of_log": False})
        found = [error for line in islice(lines, _MOST_LINES) if (error := _error_of(line)).said]
    except Exception as error:  # noqa: BLE001 (of whichever store of logs)
        log.warning("The log of a failed task can't be read (%s)", type(error).__name__)
        return _LoggedError()
    return found[-1] if found else _LoggedError()


def _error_of(line: Any) -> _LoggedError:
    """The error that *line* of a log tells of; empty where it tells of none."""
    facts: Mapping[str, Any] = line.model_dump() if hasattr(line, "model_dump") else {}
    details = facts.get("error_detail") or []
    if details:
        first = details[0]
        return _LoggedError(str(first.get("exc_value") or ""), str(first.get("exc_type") or ""))
    is_error = facts.get("level") in ("error", "critical")
    return _LoggedError(str(facts.get("event") or "") if is_error else "")


def counts_of(session: Session, dag_id: str, since: datetime) -> list[tuple[str, Spent]]:
    """The counts of the tasks that send requests, each with its run's id; those written since *since*."""
    counted = [and_(XComModel.task_id == task_id, XComModel.key == key) for task_id, key in COUNTED]
    # A long run has one for each of many thousand tasks: no other column is read.
    rows = session.execute(
        select(XComModel.run_id, XComModel.value).where(
            XComModel.dag_id == dag_id, XComModel.timestamp >= since, or_(*counted)
        )
    )
    return [(row.run_id, spent) for row in rows if (spent := _value(row, Spent)) is not None]


def _value(row: Any, kind: type[Value]) -> Value | None:
    """What *row* holds; None where an earlier version wrote something else."""
    try:
        return kind.from_json(XComModel.deserialize_value(row))
    except ValueError:
        return None
