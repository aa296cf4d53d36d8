"""The DAG's steps around the fetching: check what is asked for, publish, report."""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import ObjectStoragePath
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.api.errors import TokenThrottled, ZohoError
from zoho_people.api.settings import THRESHOLD, ConnectionSettings
from zoho_people.api.unit import Unit, shown
from zoho_people.plan import InvalidRequest, Plan, Request, minutes
from zoho_people.pools import POOLS_VARIABLE, PoolState, PoolUnusable, judge, read_pools
from zoho_people.refresh import Mode, Policy
from zoho_people.tally import total
from zoho_people.variables import read_variable

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.dataset.coverage import Coverage
    from zoho_people.dataset.staging import Staging
    from zoho_people.hook import ZohoLearnerProgressHook

log = logging.getLogger(__name__)

VARIABLES: Mapping[str, str] = {
    "courses": "zoho_learner_progress_courses",
    "learner_ids": "zoho_learner_progress_learners",
    "output_path": "zoho_learner_progress_output",
}
"""The Variable that stands in for each Param that is left empty."""

STAGING_KEPT = timedelta(days=7)
"""How long a run that was not completed keeps what it staged."""

_RIVAL_MINTS_S = 30.0
"""So long it is worth waiting in the worker for the token that another task mints."""

_NAMED = 20
"""How many missing units a failure names."""

DEFAULT_OUTPUT_PATH = str(Path(__file__).parents[2] / "data")


CHECK_TASK_ID = "check_request"

PLAN_KEY = "plan"
"""The XCom of the plan: what was asked for, in short."""

OUTPUT_PATH_TEMPLATE = f"{{{{ ti.xcom_pull('{CHECK_TASK_ID}', key='{PLAN_KEY}')['output_path'] }}}}"
"""The plan's output path, for the operator."""


def check_request(context: Context, *, conn_id: str) -> list[dict[str, Any]]:
    """What to map over, one item a unit; the plan itself is pushed as the XCom :data:`PLAN_KEY`.

    Everything that can be checked without a request to the API is checked here. The access token is minted
    here, unless the shared one will do, so that wrong credentials are found once and not by every task.

    :raises AirflowFailException: naming the field, the value and the cure. No request was spent.
    """
    from zoho_people.hook import ZohoLearnerProgressHook

    try:
        pools = judge(_pools(context))
        plan = _plan(context)
        _check_writable(plan.output_path)
        hook = ZohoLearnerProgressHook(conn_id)
        hook.begin_run()
        _have_token(hook)
    except (InvalidRequest, PoolUnusable, ZohoError) as error:
        raise AirflowFailException(str(error)) from None
    if pools.advice:
        log.warning(pools.advice)
    # A run that is checked again starts anew: what it staged may be of another day.
    staging = _staging(context, plan)
    staging.remove()
    units, requests = _choose(plan, hook, staging)
    _log_plan(plan, len(units), requests, hook.settings)
    _remove_stale(plan.output_path)
    context["ti"].xcom_push(key=PLAN_KEY, value=plan.to_json())
    return [_mapped(unit, may_defer=pools.may_defer) for unit in units]


def _pools(context: Context) -> dict[str, PoolState] | None:
    """What the scheduler saw of the pools when this run started; None when it said nothing since."""
    started = context["dag_run"].start_date
    return read_pools(read_variable(POOLS_VARIABLE), since=started.timestamp() if started else 0.0)


def _remove_stale(output_path: str) -> None:
    """Remove what abandoned runs staged; housekeeping that fails is no reason to fail a run."""
    from zoho_people.dataset.staging import remove_stale

    try:
        for name in remove_stale(ObjectStoragePath(output_path), before=datetime.now(UTC) - STAGING_KEPT):
            log.info("Removed what the run %s had staged: not completed for %d days", name, STAGING_KEPT.days)
    except OSError:
        log.exception("What earlier runs staged could not be removed; the next run tries again")


def _have_token(hook: ZohoLearnerProgressHook) -> None:
    """Try the credentials. Where no token may be minted now, the tasks wait for one without spending a try."""
    for is_last in (False, True):
        try:
            hook.access_token()
        except TokenThrottled as error:
            wait_s = error.retry_after_s or 0.0
            if is_last or wait_s > _RIVAL_MINTS_S:
                log.warning("%s; the tasks wait for it", error)
                return
            time.sleep(wait_s)
        else:
            return


def _plan(context: Context) -> Plan:
    # Airflow adds unknown keys of a run's conf to its params: the DAG's own are the known ones.
    return Request(
        params={name: context["params"][name] for name in context["dag"].params},
        conf_keys=tuple(context["dag_run"].conf or ()),
        variables=VARIABLES,
        read=read_variable,
    ).plan(
        default_output_path=DEFAULT_OUTPUT_PATH,
        snapshot_date=datetime.now(UTC).date(),
        max_length=conf.getint("core", "max_map_length"),
    )


def _choose(plan: Plan, hook: ZohoLearnerProgressHook, staging: Staging) -> tuple[list[Unit], int]:
    """What fits into the day's budget, booked so that no other run plans with the same requests."""
    from zoho_people.planning import plan_units

    now = datetime.now(UTC)
    budget = hook.settings.daily_budget
    spent = hook.ledger.spent(now.date(), apart_from=staging.key)
    left = None if budget is None else max(0, budget - spent)
    if hook.gate.state().spent_until > now.timestamp():
        log.warning("Zoho said that the daily quota is spent; nothing is fetched before the next UTC day")
        left = 0
    learners: dict[str, str | None] = dict.fromkeys(plan.learner_ids)
    courses = ((course, learners) for course in plan.courses)
    file = plan_units(
        staging.store, staging.key, courses, plan.entity_types, policy=Policy(Mode.NAMED), now=now
    )
    requests, _ = file.fit(left)
    hook.ledger.book(now.date(), staging.key, requests)
    if budget is not None:
        log.info(
            "Of the %d requests that the day allows (%d less %d %% for other applications) %d are spent or booked",
            budget,
            hook.settings.daily_limit,
            hook.settings.reserve_percent,
            spent,
        )
    return file.asked(0, len(plan)), requests


def _log_plan(plan: Plan, asked: int, requests: int, settings: ConnectionSettings) -> None:
    log.info(
        "Plan: %d tasks (%d courses × %d learners × %d entity types), about %d requests, about %.0f minutes at %d "
        "requests in %g s; to %s under snapshot_date=%s",
        asked,
        len(plan.courses),
        len(plan.learner_ids),
        len(plan.entity_types),
        requests,
        minutes(requests, per_window=THRESHOLD, window_s=settings.window_s),
        THRESHOLD,
        settings.window_s,
        plan.output_path,
        plan.snapshot_date,
    )
    if asked < len(plan):
        log.warning(
            "%d of %d units do not fit into the day's quota; the longest not fetched come first, and the next run "
            "goes on from there",
            len(plan) - asked,
            len(plan),
        )


def _mapped(unit: Unit, *, may_defer: bool) -> dict[str, Any]:
    mapped = {
        "course": str(unit.course),
        "learner_id": unit.learner_id,
        "entity_type": unit.entity_type.label,
    }
    return mapped if may_defer else {**mapped, "deferrable": False}


def publish_snapshot(
    context: Context,
    mapped: Iterable[Mapping[str, Any]],
    fetched: Iterable[Mapping[str, Any]],
    *,
    conn_id: str,
) -> dict[str, Any]:
    """Merge what the run fetched into the dataset, and write its coverage, whatever failed.

    *mapped* is what was mapped over, *fetched* the return values of the tasks. Returns counts and paths.

    :raises AirflowFailException: when the request was refused, so that nothing was planned.
    """
    from zoho_people.dataset.coverage import write_coverage
    from zoho_people.dataset.plan_file import PlanFile
    from zoho_people.dataset.publish import publish
    from zoho_people.hook import ZohoLearnerProgressHook

    plan = _checked_plan(context)
    staging = _staging(context, plan)
    units = PlanFile(staging.store, staging.key)
    try:
        report = publish(staging, units, plan.snapshot_date, datetime.now(UTC))
    finally:  # whatever publishing meets, what was fetched is on record
        coverage = write_coverage(staging, units, plan.snapshot_date, context["run_id"])
    published = report.as_dict()
    if report.failures:
        raise AirflowFailException("; ".join(failure.reason for failure in report.failures))
    spent = total(fetched)
    today = datetime.now(UTC).date()
    ZohoLearnerProgressHook(conn_id).ledger.book(
        today, staging.key, spent["by_day"].get(today.isoformat(), 0)
    )
    log.info(
        "Published %d rows: %d files, %d of them changed; coverage in %s",
        published["rows"],
        published["files"],
        published["files_changed"],
        coverage.path,
    )
    return {**published, "coverage": coverage.path, "spent": spent}


def report(context: Context, published: Mapping[str, Any], *, conn_id: str) -> None:
    """Log what the run brought and what it spent; clean up its staging when nothing is missing.

    :raises AirflowFailException: naming what is missing (the first 20, and the count).
    """
    from zoho_people.dataset.coverage import Coverage
    from zoho_people.dataset.store import Store
    from zoho_people.dataset.summary import summarize
    from zoho_people.hook import ZohoLearnerProgressHook

    plan = _checked_plan(context)
    coverage = Coverage(Store(ObjectStoragePath(plan.output_path)), published["coverage"])
    log.info("Summary of snapshot_date=%s\n%s", plan.snapshot_date, summarize(coverage, plan.snapshot_date))
    _log_spent(published["spent"], ZohoLearnerProgressHook(conn_id).settings.window_s)
    if coverage.postponed:
        log.warning("%d units are left for another day: the daily quota is spent", coverage.postponed)
    complaint = _complaint(coverage, len(plan))
    if complaint:
        raise AirflowFailException(complaint)
    _staging(context, plan).remove()


def _checked_plan(context: Context) -> Plan:
    plan = context["ti"].xcom_pull(task_ids=CHECK_TASK_ID, key=PLAN_KEY)
    if plan is None:
        raise AirflowFailException(f"nothing was planned: the log of {CHECK_TASK_ID} says why")
    return Plan.from_json(plan)


def _complaint(coverage: Coverage, planned: int) -> str:
    """What a person has to look at; empty when there is nothing."""
    count = len(coverage.missing)
    if count:
        named = "; ".join(f"{unit} ({why})" for unit, why in islice(coverage.missing, _NAMED))
        return (
            f"{count} of {planned} units are missing: {named}{'; …' if count > _NAMED else ''}. What was fetched "
            "is published. Clear the failed tasks "
            "with their downstream tasks to complete the same snapshot."
        )
    unknown = ", ".join(map(str, coverage.unknown_courses[:_NAMED]))
    return f"Zoho found none of the learners in: course {unknown}. Check the ids." if unknown else ""


def _log_spent(spent: Mapping[str, Any], window_s: float) -> None:
    windows = max(1.0, math.ceil(((spent["last_at"] or 0.0) - (spent["first_at"] or 0.0)) / window_s))
    log.info(
        "%d requests sent for %d pages; slots held for %.0f s; %.0f %% of the limit of %d in %g s used",
        spent["requests"],
        spent["pages"],
        spent["held_seconds"],
        100.0 * spent["requests"] / (THRESHOLD * windows),
        THRESHOLD,
        window_s,
    )


def _staging(context: Context, plan: Plan) -> Staging:
    from zoho_people.dataset.staging import Staging

    return Staging(ObjectStoragePath(plan.output_path), _run_key(context))


def _run_key(context: Context) -> str:
    from zoho_people.dataset.layout import run_key

    return run_key(context["ti"].dag_id, context["run_id"])


def _check_writable(output_path: str) -> None:
    """:raises InvalidRequest: when a file can't be written and removed below *output_path*."""
    try:
        probe = ObjectStoragePath(output_path) / "_staging" / f"_writable-{uuid.uuid4()}"
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except Exception as error:
        log.exception("The output path can't be written to")
        raise InvalidRequest(
            f"output_path {shown(output_path)} can't be written to ({type(error).__name__}); check that it "
            "exists, that the worker may write there, and for a URL that its provider and connection are there"
        ) from None
