"""The last step: what the run brought and what it spent, in the log."""

from __future__ import annotations

import logging
import math

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from zoho_people.model.run_tasks import PUBLISH_TASK_ID
from zoho_people.model.run_xcoms import PLAN, PUBLISHED, Spent
from zoho_people.model.wording import counted
from zoho_people.publishing.coverage import Coverage
from zoho_people.publishing.report_tables import summarize
from zoho_people.steps.claims import apart_from_erasures
from zoho_people.steps.complaint import tell_not_found
from zoho_people.steps.run import NO_PLAN, Run

log = logging.getLogger(__name__)


@apart_from_erasures
def report(run: Run) -> None:
    """Log a summary per course and entity type; remove what the run fetched into staging when nothing is missing.

    The run is what this task is: Airflow looks at no other.

    :raises AirflowFailException: when publishing failed: its log says why, and what is missing. In a dry run: when
        there is no plan.
    :raises AirflowSkipException: in a dry run.
    """
    ti, request = run.context["ti"], run.request
    if request.dry_run:
        if PLAN.pull(ti) is None:
            raise AirflowFailException(NO_PLAN)
        raise AirflowSkipException("a dry run has nothing to report")
    published = PUBLISHED.pull(ti)
    if published is None:
        raise AirflowFailException(f"nothing was published: the log of {PUBLISH_TASK_ID} says why")
    coverage = Coverage(run.staging.store, published.coverage)
    summary = summarize(coverage, request.snapshot_date)
    log.info("Summary of snapshot_date=%s\n%s", request.snapshot_date, summary)
    _log_spent(published.spent, slots=request.slots, window_s=run.hook.settings.window_s)
    tell_not_found(coverage)
    if coverage.postponed:
        log.warning(
            "Left for another day: %s, since no requests are left today", counted(coverage.postponed, "unit")
        )
    if published.problem:
        raise AirflowFailException(published.problem)
    run.staging.remove_fetched()
    run.lists.remove_records()


def _log_spent(spent: Spent, *, slots: int, window_s: float) -> None:
    windows = max(1.0, math.ceil(spent.seconds / window_s))
    log.info(
        "%s sent; slots held for %.0f s; %.0f %% of the limit of %d in %g s used",
        counted(spent.requests, "request"),
        spent.held_seconds,
        100.0 * spent.requests / (slots * windows),
        slots,
        window_s,
    )
