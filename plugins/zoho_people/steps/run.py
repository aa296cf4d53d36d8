"""A run as its steps see it: what it was asked for, where it keeps what it has, and what it spends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from airflow.sdk import Context, ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.privacy import InvalidPrivacy, Privacy
from zoho_people.configuration.roots import storage_path
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.run_tasks import CHECK_TASK_ID, COUNTED
from zoho_people.model.run_xcoms import REQUEST, Request, Spent
from zoho_people.planning.plan_file import PlanFile
from zoho_people.shared.booking import RunBooking
from zoho_people.shared.quota_day import quota_day
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.staging.run_marker import is_begun, mark_begun
from zoho_people.staging.staged_lists import MissingCourse, missing_courses
from zoho_people.storage.layout import run_key as key_of
from zoho_people.storage.layout import staging_folder
from zoho_people.storage.store import Store

NO_PLAN = "nothing was planned: the log of plan, or of the first task that failed, says why"


@dataclass(frozen=True)
class Run:
    """The run that the task with *context* belongs to.

    *privacy* is how little of learners the deployer wants kept. *conn_id* is needed only where the run's requests
    are counted.
    """

    context: Context
    request: Request
    privacy: Privacy
    conn_id: str = ""

    @classmethod
    def of(cls, context: Context, *, conn_id: str = "") -> Run:
        """The run, as it was checked.

        :raises AirflowFailException: when it was refused, or the deployer's settings are others here than there.
        """
        request = REQUEST.pull(context["ti"])
        if request is None:
            raise AirflowFailException(f"nothing was asked for: the log of {CHECK_TASK_ID} says why")
        try:
            privacy = Privacy.configured(checked=request.privacy)
        except InvalidPrivacy as error:
            raise AirflowFailException(str(error)) from None
        return cls(context, request, privacy, conn_id)

    @property
    def key(self) -> str:
        """The run's name in paths and in the ledger."""
        return run_key(self.context)

    @cached_property
    def hook(self) -> ZohoLearnerProgressHook:
        """The connection, and what is shared by all that use it."""
        return ZohoLearnerProgressHook(self.conn_id)

    @cached_property
    def output_store(self) -> Store:
        """The files below the output path."""
        return Store(storage_path(self.request.output_path))

    @cached_property
    def names_store(self) -> Store | None:
        """The files below the root of names, None where that is the output path or nothing."""
        root = self.privacy.own_root
        return Store(ObjectStoragePath(root)) if root else None

    @property
    def stores(self) -> list[Store]:
        """The files below each of the run's roots."""
        return [store for store in (self.output_store, self.names_store) if store is not None]

    @property
    def learners_root(self) -> str:
        """Below what the datasets with learners' names are."""
        return self.privacy.own_root or self.request.output_path

    @cached_property
    def staging(self) -> Staging:
        """Where the run keeps what it fetched.

        :raises AirflowFailException: when this worker doesn't see it.
        """
        staging = Staging(storage_path(self.request.output_path), self.key)
        refuse_unshared(staging.store, staging.key)
        return staging

    @cached_property
    def lists(self) -> ListStaging:
        """Where the run keeps the lists that it read."""
        return ListStaging(self.privacy.lists_root(self.staging.root), self.key)

    @property
    def unread(self) -> list[MissingCourse]:
        """The courses whose learners Zoho did not list, and why; none where the run names everybody."""
        return [] if self.request.names_everybody else missing_courses(self.lists)

    @cached_property
    def plan(self) -> PlanFile:
        """The run's plan, whether it is there or not."""
        return PlanFile(self.staging.store, self.key)

    @cached_property
    def spent(self) -> Spent:
        """What the tasks that read the lists and fetch have spent together, before this step."""
        return Spent.total(self.spent_by(task_id, key) for task_id, key in COUNTED)

    def spent_by(self, task_id: str, key: str) -> Spent:
        """What a task has spent, or all of its mapped instances together."""
        values = self.context["ti"].xcom_pull(task_ids=task_id, key=key)
        # Of a mapped task Airflow gives a sequence of its own.
        listed = [values] if isinstance(values, Mapping) else list(values or [])
        return Spent.total(Spent.from_json(value) for value in listed if isinstance(value, Mapping))

    def book(self, requests: int) -> None:
        """Book *requests* that the run is going to send, beside those that it has sent."""
        self._booking.plan(
            requests,
            sent=self.spent.by_day,
            now=datetime.now(UTC),
            per_window=self.request.slots,
            window_s=self.hook.settings.window_s,
        )

    def record(self, spent: Spent) -> None:
        """Replace what the run had booked by what it has *spent*."""
        self._booking.record(spent.by_day, today=quota_day(datetime.now(UTC)))

    @property
    def _booking(self) -> RunBooking:
        return RunBooking(self.hook.ledger, self.key)

    def quota_left(self) -> int | None:
        """How many requests runs may still plan on the UTC day, booked ones counted as spent.

        None where nobody knows: the connection has no ``daily_limit``, and Zoho has not said that the quota is
        spent.
        """
        now = datetime.now(UTC)
        if self.hook.gate.state().refusals.spent_until > now.timestamp():
            return 0
        budget = self.hook.settings.daily_budget
        return None if budget is None else max(0, budget - self.hook.ledger.spent(quota_day(now)))

    def begin_staging(self) -> None:
        """Begin anew: what a run staged that is checked once more may be of another day."""
        self.remove_staged()
        for store in self.stores:
            mark_begun(store, self.key, dag_run_id=self.context["run_id"], at=datetime.now(UTC))

    def remove_staged(self) -> None:
        """Remove all that the run staged, below whichever root."""
        for store in self.stores:
            store.delete_tree(staging_folder(self.key))


def refuse_unshared(store: Store, run_key: str) -> None:
    """:raises AirflowFailException: when a local disk has nothing of the staging that the first task began."""
    if store.is_local and not is_begun(store, run_key):
        raise AirflowFailException(
            f"this worker finds nothing of the run below {store.root}/_staging: the output path is not shared by "
            "all workers, or the run's staging was removed since. Put the output path on a disk that all workers "
            f"share, or into an object store, or have a single worker; and clear {CHECK_TASK_ID} with all after it"
        )


def run_key(context: Context) -> str:
    """The run's name in paths and in the ledger."""
    return key_of(context["ti"].dag_id, context["run_id"])
