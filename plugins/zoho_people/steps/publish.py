"""The third step: what was fetched goes into the dataset, whatever failed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from zoho_people.configuration.kept_attributes import attribute_choice
from zoho_people.model.run_xcoms import PUBLISHED, Published, push_new_fields
from zoho_people.model.wording import counted
from zoho_people.notifications.facts import clear_number_of
from zoho_people.notifications.metrics import tell_run
from zoho_people.publishing.coverage import write_coverage
from zoho_people.publishing.lists import publish_lists
from zoho_people.publishing.publish import PublishReport, publish
from zoho_people.staging.new_fields import note
from zoho_people.steps.asset_events import add_asset_events
from zoho_people.steps.claims import apart_from_erasures
from zoho_people.steps.complaint import complaint, unknown_learners
from zoho_people.steps.folder_link import folder_url
from zoho_people.steps.origins import note_origins_and_key
from zoho_people.steps.retention import remove_expired_snapshots
from zoho_people.steps.run import NO_PLAN, Run

log = logging.getLogger(__name__)


@apart_from_erasures
def publish_snapshot(run: Run) -> None:
    """Merge what the run fetched into the dataset, and write its coverage; counts and paths go to an XCom.

    :raises AirflowFailException: naming what is missing (the first 20, and the count). The rest is published all
        the same. Being failed, this task is cleared with those that failed before it, and completes the snapshot.
    :raises AirflowSkipException: in a dry run.
    """
    request, staging = run.request, run.staging
    run.record(run.spent)
    if request.dry_run:
        run.remove_staged()
        raise AirflowSkipException("a dry run publishes nothing")
    if not run.plan.exists() or not any(run.plan.counts().values()):
        raise AirflowFailException(NO_PLAN)
    note_origins_and_key(run)
    try:
        lists = _publish_lists(run)
        published = publish(staging, run.plan, request.snapshot_date, datetime.now(UTC))
    finally:  # whatever publishing meets, what was fetched is on record
        coverage = write_coverage(staging, run.plan, request.snapshot_date, run.context["run_id"])
    _tell_new_fields(run, published)
    unpublished = [*published.failures.values(), *lists]
    unread = [f"course {each.course} ({each.why})" for each in run.unread]
    problems = [
        complaint(coverage, unread, unpublished),
        unknown_learners(coverage, request),
        *(remove_expired_snapshots(store, today=request.snapshot_date) for store in run.stores),
    ]
    problem = " ".join(filter(None, problems))
    figures = Published(
        **published.as_dict(),
        coverage=coverage.path,
        answers=coverage.counts,
        quota_left=run.quota_left(),
        spent=run.spent,
        problem=problem,
        complete=not (any(coverage.missing()) or unread or unpublished),
        clear_number=clear_number_of(run.context),
        folder_url=folder_url(request.output_path, staging.store.fs),
    )
    tell_run(run.conn_id, figures)
    PUBLISHED.push(run.context["ti"], figures)
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
    add_asset_events(run, coverage, figures)


def _tell_new_fields(run: Run, published: PublishReport) -> None:
    """Log the fields without a column that no run has seen before; they go to an XCom, too."""
    new = note(run.staging.store, published.fields)
    if new:
        lines = (f"{label}: {', '.join(names)}" for label, names in new.items())
        log.info("New fields, which are in attributes\n%s", "\n".join(lines))
    push_new_fields(run.context["ti"], new)


def _publish_lists(run: Run) -> list[str]:
    """Publish what the run's lists say of courses and learners; the files that could not be merged, and why."""
    published = publish_lists(
        run.lists,
        run.request.snapshot_date,
        attribute_choice(),
        courses_in=run.staging.store,
        keeps_learners=run.privacy.keeps_learners,
    )
    return [f"{file.path}: {file.error}" for file in published if file.error]
