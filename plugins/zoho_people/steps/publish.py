"""The third step: what was fetched goes into the dataset, whatever failed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from zoho_people.configuration.kept_attributes import attribute_choice
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.run_xcoms import PUBLISHED, Published, Request, push_new_fields
from zoho_people.model.wording import counted
from zoho_people.notifications.facts import clear_number_of
from zoho_people.notifications.metrics import tell_run
from zoho_people.publishing.coverage import write_coverage
from zoho_people.publishing.lists import publish_lists
from zoho_people.publishing.publish import PublishReport, publish
from zoho_people.shared.booking import RunBooking
from zoho_people.shared.quota_day import quota_day
from zoho_people.staging.new_fields import note
from zoho_people.staging.progress_pages import Staging
from zoho_people.staging.staged_lists import missing_courses
from zoho_people.steps.asset_events import add_asset_events
from zoho_people.steps.claims import apart_from_erasures
from zoho_people.steps.complaint import complaint, unknown_learners
from zoho_people.steps.folder_link import folder_url
from zoho_people.steps.origins import claim_for_run
from zoho_people.steps.retention import remove_expired_snapshots
from zoho_people.steps.run import (
    lists_of,
    plan_of,
    privacy_of,
    quota_left,
    remove_staged,
    spent_by_run,
    staging_of,
    stores_of,
)

log = logging.getLogger(__name__)


@apart_from_erasures
def publish_snapshot(context: Context, request: Request, *, conn_id: str) -> None:
    """Merge what the run fetched into the dataset, and write its coverage; counts and paths go to an XCom.

    :raises AirflowFailException: naming what is missing (the first 20, and the count). The rest is published all
        the same. Being failed, this task is cleared with those that failed before it, and completes the snapshot.
    :raises AirflowSkipException: in a dry run.
    """
    staging = staging_of(context, request)
    spent = spent_by_run(context)
    hook = ZohoLearnerProgressHook(conn_id)
    RunBooking(hook.ledger, staging.key).record(spent.by_day, today=quota_day(datetime.now(UTC)))
    if request.dry_run:
        remove_staged(request, staging.key)
        raise AirflowSkipException("a dry run publishes nothing")
    plan = plan_of(staging)
    claim_for_run(request, hook)
    try:
        rosters = _publish_lists(request, staging)
        published = publish(staging, plan, request.snapshot_date, datetime.now(UTC))
    finally:  # whatever publishing meets, what was fetched is on record
        coverage = write_coverage(staging, plan, request.snapshot_date, context["run_id"])
    _tell_new_fields(context, staging, published)
    unpublished = [failure.reason for failure in published.failures] + rosters
    unread = _unread(request, staging)
    problems = [
        complaint(coverage, unread, unpublished),
        unknown_learners(coverage, request),
        *(remove_expired_snapshots(store, today=request.snapshot_date) for store in stores_of(request)),
    ]
    problem = " ".join(filter(None, problems))
    figures = Published(
        **published.as_dict(),
        coverage=coverage.path,
        answers=coverage.counts,
        quota_left=quota_left(hook, datetime.now(UTC)),
        spent=spent,
        problem=problem,
        complete=not (coverage.missing or unread or unpublished),
        clear_number=clear_number_of(context),
        folder_url=folder_url(request.output_path, staging.store.fs),
    )
    tell_run(conn_id, figures)
    PUBLISHED.push(context["ti"], figures)
    log.info(
        "Published %s, %d more carried forward: %s, %d of them changed; coverage in %s",
        counted(figures.rows, "row"),
        figures.rows_carried,
        counted(figures.files, "file"),
        figures.files_changed,
        coverage.path,
    )
    if problem:
        raise AirflowFailException(problem)
    add_asset_events(context, request, coverage, figures)


def _tell_new_fields(context: Context, staging: Staging, published: PublishReport) -> None:
    """Log the fields without a column that no run has seen before; they go to an XCom, too."""
    new = note(staging.store, published.fields)
    if new:
        lines = (f"{label}: {', '.join(names)}" for label, names in new.items())
        log.info("New fields, which are in attributes\n%s", "\n".join(lines))
    push_new_fields(context["ti"], new)


def _publish_lists(request: Request, staging: Staging) -> list[str]:
    """Publish what the run's lists say of courses and learners; the files that could not be merged, and why."""
    if request.names_everybody:
        return []
    published = publish_lists(
        lists_of(staging, request),
        request.snapshot_date,
        attribute_choice(),
        courses_in=staging.store,
        keeps_learners=privacy_of(request).keeps_learners,
    )
    return [f"{file.path}: {file.error}" for file in published if file.error]


def _unread(request: Request, staging: Staging) -> list[str]:
    """The courses whose learners Zoho did not list, and why."""
    if request.names_everybody:
        return []
    return [f"course {course} ({why})" for course, why in missing_courses(lists_of(staging, request))]
