"""A dataset that is read besides, of each learner of the plan: after the run has published what it is for.

So nothing that goes wrong here keeps progress from being published, and it gets what is left of the day's quota.
"""

from __future__ import annotations

import logging
from dataclasses import asdict

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from pydantic import JsonValue

from zoho_people.configuration.kept_attributes import attribute_choice
from zoho_people.endpoints.registry import ENDPOINTS
from zoho_people.model.run_tasks import RESULT_KEY, read_task_id, share_task_id
from zoho_people.model.run_xcoms import Spent
from zoho_people.model.wording import counted
from zoho_people.planning.learner_share import shares
from zoho_people.publishing.lists import publish_of_learners
from zoho_people.steps.asset_events import add_dataset_event
from zoho_people.steps.claims import apart_from_erasures
from zoho_people.steps.origins import note_origins_and_key
from zoho_people.steps.plan import requests_until_the_end
from zoho_people.steps.run import Run

log = logging.getLogger(__name__)


def share_learners(context: Context, *, conn_id: str, dataset: str) -> list[dict[str, int]]:
    """What to map the task over that reads *dataset*: the shares of the plan's learners, which name nobody.

    There are none in a dry run, where nothing is kept of learners, and where the requests of the day, or of the
    run's time, don't suffice for all: half of them would look like the whole.
    """
    run = Run.of(context, conn_id=conn_id)
    if run.request.dry_run or not _is_kept(run, dataset):
        return []
    learners = len(run.plan.learner_ids()) if run.plan.exists() else 0
    left, of_day = requests_until_the_end(run), run.quota_left()
    left = left if of_day is None else min(left, of_day)
    if learners > left:
        log.warning(
            "%s is not read today: its %s need a request each at the least, and %d are left",
            dataset,
            counted(learners, "learner"),
            left,
        )
        return []
    run.book(learners)
    return [asdict(share) for share in shares(learners)]


@apart_from_erasures
def publish_extra(run: Run, *, dataset: str) -> None:
    """Merge what was read of *dataset*, and enter in the day's count what that has cost.

    A learner whom Zoho refuses to tell of is noted in the log of the task that asked, and missing in the dataset.

    :raises AirflowFailException: when the file can't be merged, or learners were not read; the rest is published.
    :raises AirflowSkipException: when nothing was to be read.
    """
    if not run.context["ti"].xcom_pull(task_ids=share_task_id(dataset), key=RESULT_KEY):
        raise AirflowSkipException(f"{dataset} is not read: the log of {share_task_id(dataset)} says why")
    lists, endpoint = run.lists, ENDPOINTS[dataset]
    run.record(Spent.total([run.spent, run.spent_by(read_task_id(dataset), RESULT_KEY)]))
    note_origins_and_key(run)
    snapshot_date = run.request.snapshot_date
    file = publish_of_learners(endpoint, lists, snapshot_date, attribute_choice())
    if file and file.error:
        raise AirflowFailException(f"{file.path} could not be merged: {file.error}")
    rows = 0 if file is None else file.rows
    log.info("Published %s of %s", counted(rows, "row"), dataset)
    learner_ids = run.plan.learner_ids()
    wanted = (endpoint.of(learner_id=learner_id) for learner_id in learner_ids)
    unread = sum(state.is_open for state in lists.states(wanted))
    if unread:
        raise AirflowFailException(
            f"{dataset} of {counted(unread, 'learner')} could not be read; clear {read_task_id(dataset)} with "
            "what follows it"
        )
    lists.remove(endpoint)
    extra: dict[str, JsonValue] = {
        "snapshot_date": snapshot_date.isoformat(),
        "rows": rows,
        "learners": len(learner_ids),
    }
    add_dataset_event(run.context, run.learners_root, dataset, extra)


def _is_kept(run: Run, dataset: str) -> bool:
    """Whether the deployer lets it be kept what Zoho says of learners."""
    if run.privacy.keeps_learners:
        return True
    log.warning("%s is not read: the deployer wants nothing kept of learners (learners_root)", dataset)
    return False
