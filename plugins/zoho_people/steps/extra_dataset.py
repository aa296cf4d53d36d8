"""A dataset that is read besides, of each learner of the plan: after the run has published what it is for.

So nothing that goes wrong here keeps progress from being published, and it gets what is left of the day's quota.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from pydantic import JsonValue

from zoho_people.configuration.kept_attributes import attribute_choice
from zoho_people.endpoints.registry import endpoint_named
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.run_tasks import RESULT_KEY, read_task_id, share_task_id
from zoho_people.model.run_xcoms import Request, Spent
from zoho_people.model.wording import counted
from zoho_people.planning.learner_share import shares
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.lists import publish_of_learners
from zoho_people.shared.booking import RunBooking
from zoho_people.shared.quota_day import quota_day
from zoho_people.steps.asset_events import add_dataset_event
from zoho_people.steps.claims import apart_from_erasures
from zoho_people.steps.origins import claim_for_run
from zoho_people.steps.plan import requests_until_the_end
from zoho_people.steps.run import (
    checked_request,
    lists_of,
    privacy_of,
    quota_left,
    spent_by_run,
    spent_by_task,
    staging_of,
)

log = logging.getLogger(__name__)


def share_learners(context: Context, *, conn_id: str, dataset: str) -> list[dict[str, int]]:
    """What to map the task over that reads *dataset*: the shares of the plan's learners, which name nobody.

    There are none in a dry run, where nothing is kept of learners, and where the requests of the day, or of the
    run's time, don't suffice for all: half of them would look like the whole.
    """
    request = checked_request(context)
    if request.dry_run or not _is_kept(request, dataset):
        return []
    staging = staging_of(context, request)
    plan = PlanFile(staging.store, staging.key)
    learners = len(plan.learner_ids()) if plan.exists() else 0
    hook = ZohoLearnerProgressHook(conn_id)
    left = requests_until_the_end(context, request, hook.settings.window_s)
    of_day = quota_left(hook, datetime.now(UTC))
    left = left if of_day is None else min(left, of_day)
    if learners > left:
        log.warning(
            "%s is not read today: its %s need a request each at the least, and %d are left",
            dataset,
            counted(learners, "learner"),
            left,
        )
        return []
    RunBooking(hook.ledger, staging.key).plan(
        learners,
        sent=spent_by_run(context).by_day,
        now=datetime.now(UTC),
        per_window=request.slots,
        window_s=hook.settings.window_s,
    )
    return [asdict(share) for share in shares(learners)]


@apart_from_erasures
def publish_extra(context: Context, request: Request, *, conn_id: str, dataset: str) -> None:
    """Merge what was read of *dataset*, and enter in the day's count what that has cost.

    A learner whom Zoho refuses to tell of is noted in the log of the task that asked, and missing in the dataset.

    :raises AirflowFailException: when the file can't be merged, or learners were not read; the rest is published.
    :raises AirflowSkipException: when nothing was to be read.
    """
    if not context["ti"].xcom_pull(task_ids=share_task_id(dataset), key=RESULT_KEY):
        raise AirflowSkipException(f"{dataset} is not read: the log of {share_task_id(dataset)} says why")
    staging, hook = staging_of(context, request), ZohoLearnerProgressHook(conn_id)
    spent = Spent.total([spent_by_run(context), spent_by_task(context, read_task_id(dataset), RESULT_KEY)])
    RunBooking(hook.ledger, staging.key).record(spent.by_day, today=quota_day(datetime.now(UTC)))
    claim_for_run(request, hook)
    lists, endpoint = lists_of(staging, request), endpoint_named(dataset)
    file = publish_of_learners(endpoint, lists, request.snapshot_date, attribute_choice())
    if file and file.error:
        raise AirflowFailException(f"{file.path} could not be merged: {file.error}")
    rows = 0 if file is None else file.rows
    log.info("Published %s of %s", counted(rows, "row"), dataset)
    learner_ids = PlanFile(staging.store, staging.key).learner_ids()
    wanted = (endpoint.of(learner_id=learner_id) for learner_id in learner_ids)
    unread = sum(state.is_open for state in lists.states(wanted))
    if unread:
        raise AirflowFailException(
            f"{dataset} of {counted(unread, 'learner')} could not be read; clear {read_task_id(dataset)} with "
            "what follows it"
        )
    lists.remove(endpoint)
    root = privacy_of(request).own_root or request.output_path
    extra: dict[str, JsonValue] = {
        "snapshot_date": request.snapshot_date.isoformat(),
        "rows": rows,
        "learners": len(learner_ids),
    }
    add_dataset_event(context, root, dataset, extra)


def _is_kept(request: Request, dataset: str) -> bool:
    """Whether the deployer lets it be kept what Zoho says of learners."""
    if privacy_of(request).keeps_learners:
        return True
    log.warning("%s is not read: the deployer wants nothing kept of learners (learners_root)", dataset)
    return False
