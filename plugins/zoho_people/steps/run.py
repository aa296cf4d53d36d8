"""What the steps of one run know of each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from airflow.sdk import Context, ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.privacy import InvalidPrivacy, Privacy
from zoho_people.configuration.roots import storage_path
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.run_tasks import CHECK_TASK_ID, COUNTED
from zoho_people.model.run_xcoms import REQUEST, Request, Spent
from zoho_people.planning.plan_file import PlanFile
from zoho_people.shared.quota_day import quota_day
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.staging.run_marker import is_begun, mark_begun
from zoho_people.storage.layout import run_key as key_of
from zoho_people.storage.layout import staging_folder
from zoho_people.storage.store import Store

NO_PLAN = "nothing was planned: the log of plan, or of the first task that failed, says why"


def privacy_of(request: Request) -> Privacy:
    """How little of learners the deployer wants kept, as it was when the run was checked.

    :raises AirflowFailException: when something else is set here.
    """
    try:
        return Privacy.configured(checked=request.privacy)
    except InvalidPrivacy as error:
        raise AirflowFailException(str(error)) from None


def checked_request(context: Context) -> Request:
    """What the run was asked for.

    :raises AirflowFailException: when it was refused, or the deployer's settings are others here than there.
    """
    request = REQUEST.pull(context["ti"])
    if request is None:
        raise AirflowFailException(f"nothing was asked for: the log of {CHECK_TASK_ID} says why")
    privacy_of(request)
    return request


def spent_by_run(context: Context) -> Spent:
    """What the run's tasks that send requests have spent together."""
    return Spent.total(spent_by_task(context, task_id, key) for task_id, key in COUNTED)


def spent_by_task(context: Context, task_id: str, key: str) -> Spent:
    """What a task has spent, or all of its mapped instances together."""
    values = context["ti"].xcom_pull(task_ids=task_id, key=key)
    # Of a mapped task Airflow gives a sequence of its own.
    listed = [values] if isinstance(values, Mapping) else list(values or [])
    return Spent.total(Spent.from_json(value) for value in listed if isinstance(value, Mapping))


def quota_left(hook: ZohoLearnerProgressHook, now: datetime) -> int | None:
    """How many requests runs may still plan on the UTC day of *now*, booked ones counted as spent.

    None where nobody knows: the connection has no ``daily_limit``, and Zoho has not said that the quota is spent.
    """
    if hook.gate.state().refusals.spent_until > now.timestamp():
        return 0
    budget = hook.settings.daily_budget
    return None if budget is None else max(0, budget - hook.ledger.spent(quota_day(now)))


def store_of(request: Request) -> Store:
    """The files below the run's output path."""
    return Store(storage_path(request.output_path))


def stores_of(request: Request) -> list[Store]:
    """The files below each of the run's roots: the output path, and that of names where it is another."""
    own_root = privacy_of(request).own_root
    own = [Store(ObjectStoragePath(own_root))] if own_root else []
    return [store_of(request), *own]


def begin_staging(context: Context, request: Request) -> None:
    """Begin anew: what a run staged that is checked once more may be of another day."""
    key = run_key(context)
    remove_staged(request, key)
    for store in stores_of(request):
        mark_begun(store, key, dag_run_id=context["run_id"], at=datetime.now(UTC))


def remove_staged(request: Request, key: str) -> None:
    """Remove all that the run *key* staged, below whichever root."""
    for store in stores_of(request):
        store.delete_tree(staging_folder(key))


def staging_of(context: Context, request: Request) -> Staging:
    """Where the run keeps what it fetched.

    :raises AirflowFailException: when this worker doesn't see it.
    """
    staging = Staging(storage_path(request.output_path), run_key(context))
    refuse_unshared(staging.store, staging.key)
    return staging


def refuse_unshared(store: Store, run_key: str) -> None:
    """:raises AirflowFailException: when a local disk has nothing of the staging that the first task began."""
    if store.is_local and not is_begun(store, run_key):
        raise AirflowFailException(
            f"this worker finds nothing of the run below {store.root}/_staging: the output path is not shared by "
            "all workers, or the run's staging was removed since. Put the output path on a disk that all workers "
            f"share, or into an object store, or have a single worker; and clear {CHECK_TASK_ID} with all after it"
        )


def lists_of(staging: Staging, request: Request) -> ListStaging:
    """Where the run keeps the lists that it read."""
    return ListStaging(privacy_of(request).lists_root(staging.root), staging.key)


def plan_of(staging: Staging) -> PlanFile:
    """The run's plan.

    :raises AirflowFailException: when there is none, or nobody in it.
    """
    plan = PlanFile(staging.store, staging.key)
    if not plan.exists() or not any(plan.counts().values()):
        raise AirflowFailException(NO_PLAN)
    return plan


def run_key(context: Context) -> str:
    """The run's name in paths and in the ledger."""
    return key_of(context["ti"].dag_id, context["run_id"])
