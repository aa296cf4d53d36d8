"""The DAG's steps around the fetching: check what is asked for, publish, report."""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import ObjectStoragePath, Variable
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.api.errors import ZohoError
from zoho_people.api.settings import THRESHOLD
from zoho_people.plan import InvalidRequest, Plan, Request
from zoho_people.tally import total

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

VARIABLES: Mapping[str, str] = {
    "courses": "zoho_learner_progress_courses",
    "learner_ids": "zoho_learner_progress_learners",
    "output_path": "zoho_learner_progress_output",
}
"""The Variable that stands in for each Param that is left empty."""

_NAMED = 20

DEFAULT_OUTPUT_PATH = str(Path(__file__).parents[2] / "data")


PLAN_KEY = "plan"
"""The XCom of the plan: what was asked for, in short."""


def check_request(context: Context, *, conn_id: str) -> list[dict[str, str]]:
    """What to map over, one item a unit; the plan itself is pushed as the XCom :data:`PLAN_KEY`.

    Everything that can be checked without a request to the API is checked here. The access token is minted
    here, unless the shared one will do, so that wrong credentials are found once and not by every task.

    :raises AirflowFailException: naming the field, the value and the cure. No request was spent.
    """
    from zoho_people.hook import ZohoLearnerProgressHook

    try:
        plan = Request(
            params={name: context["params"][name] for name in context["dag"].params},
            conf_keys=tuple(context["dag_run"].conf or ()),
            variables=VARIABLES,
            read=lambda variable: Variable.get(variable, default=None),
        ).plan(
            default_output_path=DEFAULT_OUTPUT_PATH,
            snapshot_date=datetime.now(UTC).date(),
            max_length=conf.getint("core", "max_map_length"),
        )
        _check_writable(plan.output_path)
        hook = ZohoLearnerProgressHook(conn_id)
        window_s = hook.settings.window_s
        hook.access_token()
    except (InvalidRequest, ZohoError) as error:
        raise AirflowFailException(str(error)) from None
    log.info(
        "Plan: %d tasks (%d courses × %d learners × %d entity types), at least %d requests, about %.0f minutes "
        "at %d requests in %g s; to %s under snapshot_date=%s",
        len(plan),
        len(plan.courses),
        len(plan.learner_ids),
        len(plan.entity_types),
        len(plan),
        plan.minutes(per_window=THRESHOLD, window_s=window_s),
        THRESHOLD,
        window_s,
        plan.output_path,
        plan.snapshot_date,
    )
    context["ti"].xcom_push(key=PLAN_KEY, value=plan.to_json())
    return [
        {"course": str(unit.course), "learner_id": unit.learner_id, "entity_type": unit.entity_type.label}
        for unit in plan.units()
    ]


def publish_snapshot(
    context: Context, plan_json: Mapping[str, Any], fetched: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """Merge what the run fetched into the dataset, and write its coverage, whatever failed.

    *fetched* are the return values of the fetching tasks. Returns counts and paths.
    """
    from zoho_people.dataset.coverage import write_coverage
    from zoho_people.dataset.publish import publish

    plan = Plan.from_json(plan_json)
    staging = _staging(context, plan)
    published = publish(staging, plan.units(), plan.snapshot_date).as_dict()
    coverage = write_coverage(staging, plan.units(), plan.snapshot_date, context["run_id"])
    log.info(
        "Published %d rows: %d files, %d of them changed; coverage in %s",
        published["rows"],
        published["files"],
        published["files_changed"],
        coverage.path,
    )
    return {**published, "coverage": coverage.path, "spent": total(fetched)}


def report(
    context: Context, plan_json: Mapping[str, Any], published: Mapping[str, Any], *, conn_id: str
) -> None:
    """Log what the run brought and what it spent; clean up its staging when nothing is missing.

    :raises AirflowFailException: naming what is missing (the first 20, and the count).
    """
    from zoho_people.dataset.coverage import Coverage, read_coverage
    from zoho_people.dataset.store import Store
    from zoho_people.dataset.summary import summarize
    from zoho_people.hook import ZohoLearnerProgressHook

    plan = Plan.from_json(plan_json)
    root = ObjectStoragePath(plan.output_path)
    coverage = Coverage(published["coverage"], read_coverage(Store(root), published["coverage"]))
    log.info(
        "Summary of snapshot_date=%s\n%s", plan.snapshot_date, summarize(root, coverage, plan.snapshot_date)
    )
    _log_spent(published["spent"], ZohoLearnerProgressHook(conn_id).settings.window_s)
    missing = coverage.failed
    if missing:
        raise AirflowFailException(
            f"{len(missing)} of {len(plan)} units are missing: {'; '.join(map(str, missing[:_NAMED]))}"
            f"{'; …' if len(missing) > _NAMED else ''}. What was fetched is published. Clear the failed tasks "
            "with their downstream tasks to complete the same snapshot."
        )
    _staging(context, plan).remove()


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


def _staging(context: Context, plan: Plan) -> Any:
    from zoho_people.dataset.staging import Staging

    run_key = Staging.run_key(context["ti"].dag_id, context["run_id"])
    return Staging(ObjectStoragePath(plan.output_path), run_key)


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
            f"output_path {output_path!r} can't be written to ({type(error).__name__}); check that it exists, "
            "that the worker may write there, and for a URL that its provider package and connection are there"
        ) from None
