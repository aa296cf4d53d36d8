"""Airflow's deadline for a day's snapshot."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from airflow.sdk import (  # type: ignore[attr-defined]  # exported, but not in the stub of Airflow 3.3
    AsyncCallback,
    DeadlineAlert,
    DeadlineReference,
    SyncCallback,
)

from zoho_people.model.wording import quoted
from zoho_people.notifications.alert import InvalidAlert

log = logging.getLogger(__name__)

LateCallback: TypeAlias = AsyncCallback | SyncCallback
"""What Airflow may be told to do about a late run."""


async def log_late(context: Mapping[str, Any] | None = None) -> None:
    """What is done where ``on_late`` names nothing else: an error in the triggerer's log."""
    run: Mapping[str, Any] = (context or {}).get("dag_run") or {}
    log.error(
        "The snapshot of %s is late: the run %s is not done by its deadline",
        run.get("dag_id"),
        run.get("dag_run_id"),
    )


def deadline_of(late_after: timedelta | None, on_late: LateCallback | None) -> DeadlineAlert | None:
    """The deadline of a DAG: a run that has not succeeded *late_after* its logical date is late.

    :raises InvalidAlert: naming the keyword that can't be, its value and the cure.
    """
    if late_after is None:
        if on_late is not None:
            raise InvalidAlert(
                "on_late: nothing is late without late_after; give it, such as timedelta(hours=6)"
            )
        return None
    if not isinstance(late_after, timedelta) or late_after <= timedelta(0):
        raise InvalidAlert(
            f"late_after: {quoted(late_after)} can't be; use a time after the run's logical date, such as "
            "timedelta(hours=6): with the schedule @daily that is 06:00 UTC"
        )
    if on_late is not None and not isinstance(on_late, LateCallback):
        raise InvalidAlert(
            f"on_late: a value of type {type(on_late).__name__} can't be, since another component of Airflow "
            "makes it by its import path; use AsyncCallback(SmtpNotifier, kwargs={…})"
        )
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_LOGICAL_DATE,
        interval=late_after,
        callback=on_late or AsyncCallback(log_late),
        name="late",
    )
