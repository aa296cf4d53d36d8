"""What an alert tells: plain values for the templates of notifiers, nobody's data and no secret among them.

No text of Zoho's is there, and of what a person typed only the run's id.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Context

from zoho_people.model.run_xcoms import (
    PLAN,
    PUBLISHED,
    REQUEST,
    PlanFigures,
    Published,
    Request,
    RunXCom,
    Value,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when an alert is sent; None where it is not known (yet).

    docs/alerts.md explains each.
    """

    alert: str
    message: str
    dag_id: str
    run_id: str
    conn_id: str
    reason: str | None = None
    snapshot_date: str | None = None
    asked: int | None = None
    answered: int | None = None
    missing: int | None = None
    postponed: int | None = None
    requests: int | None = None
    locks: int | None = None
    locked_seconds: float | None = None
    locked_until: str | None = None
    quota_left: int | None = None
    quota_of_day: int | None = None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run's tasks have told: the request, the plan's figures, and what was published; None: not yet.

    ``published_before``: the run published before somebody cleared tasks of it, and not since.
    """

    request: Request | None
    plan: PlanFigures | None
    published: Published | None
    published_before: bool = False

    @classmethod
    def of(cls, context: Context | Mapping[str, Any]) -> RunFacts:
        """What the run of *context* has told so far; nothing where it can't be read."""
        published = _told(context, PUBLISHED)
        # Airflow removes what a cleared task has told when that task begins again, which may never be.
        is_old = published is not None and published.clear_number != clear_number_of(context)
        return cls(_told(context, REQUEST), _told(context, PLAN), None if is_old else published, is_old)

    def known(self) -> dict[str, Any]:
        """All that is known, by the names of :class:`Facts`."""
        found: dict[str, Any] = {}
        if self.request is not None:
            found["snapshot_date"] = self.request.snapshot_date.isoformat()
        if self.plan is not None:
            found["quota_of_day"] = self.plan.daily_budget
            found["quota_left"] = self.plan.quota_left
        if self.published is not None:
            spent = self.published.spent
            found |= self.published.answers.to_json()
            found |= {
                "requests": spent.requests,
                "locks": len(spent.locked),
                "locked_seconds": spent.locked_seconds,
                "quota_left": self.published.quota_left,
            }
        return found


def names_of(context: Context | Mapping[str, Any]) -> dict[str, str]:
    """DAG and run of *context*, as Airflow gives it to callbacks of a task and of a DAG."""
    return {"dag_id": str(context["dag"].dag_id), "run_id": str(context["run_id"])}


def clear_number_of(context: Context | Mapping[str, Any]) -> int:
    """How often tasks of the run had been cleared when *context* was made."""
    return getattr(context.get("dag_run"), "clear_number", None) or 0


def shown_instant(instant: float) -> str:
    """*instant*, in seconds since the epoch, as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="seconds")


def _told(context: Context | Mapping[str, Any], xcom: RunXCom[Value]) -> Value | None:
    ti: Any = context.get("ti")  # a DAG's callback has none where no task ran
    if ti is None:
        return None
    try:
        return xcom.pull(ti)
    except Exception:
        log.exception("What %s told could not be read; the alert does without", xcom.task_id)
        return None
