"""What every task that sends requests has in common: it holds its pool slots for a window after each answer."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from zoho_people.configuration.privacy import InvalidPrivacy, Privacy
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.pace import SHORTEST_DEFERRAL_S, Pace
from zoho_people.fetching.request_count import RequestCount
from zoho_people.model.pool_names import API_POOL
from zoho_people.model.run_tasks import RESULT_KEY
from zoho_people.notifications.alert import Alert, Notifiers
from zoho_people.notifications.lock_news import tell_lock
from zoho_people.operators.links import ZohoPeopleLink
from zoho_people.shared.airflow_internals import TRIGGER_FAILED
from zoho_people.shared.process import THIS_PROCESS, Process
from zoho_people.triggers.instant import InstantTrigger
from zoho_people.zoho.errors import QuotaExhausted, ZohoError, error_from_facts

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook

MAP_INDEX_TEMPLATE = "{{ task.label }}"
"""What it gives is not rendered again: a name in the label is text."""

DEFERRAL_GRACE = timedelta(minutes=5)
"""How much longer than its wait a deferral may last before the task fails: a dead triggerer is loud."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A task in a worker, from its start or resumption on; *count* is what it has spent in all its tries."""

    context: Context
    hook: ZohoLearnerProgressHook
    count: RequestCount


class Fetch(Protocol):
    """What a task fetches, a burst of requests at a time."""

    def is_wanting(self) -> bool: ...

    def burst(self, requests: int, *, rejections: int) -> NextStep: ...

    def resume_kwargs(self) -> dict[str, Any]: ...


class PacedOperator(BaseOperator):
    """Sends up to ``pool_slots`` requests, and then holds its slots until a window after the last answer.

    It waits deferred where that pays, else in the worker. Pages are kept as they come, so a task that is retried,
    resumed or cleared goes on at the first page it does not have. A subclass says in ``execute`` what is fetched,
    and takes *event*, *not_before* and *rejections* there from the deferral that resumes it.

    :param output_path: the dataset's root, any URL that ``ObjectStoragePath`` takes; below one of the deployer's
        ``allowed_roots`` where those are set. Templated.
    :param zoho_people_conn_id: the connection. Templated.
    :param counted_by_run: True where a later task of the run enters its requests in the day's count, as the DAG of
        this project does; by default the task enters its own when it ends.
    :param requests_per_window: how many requests of all tasks may count at once, where it is known already; by
        default each task asks Airflow's API how many slots its pool has.
    :param on_lock: a notifier, or a list of them, told of each lock of the API once, by one of the DAG's tasks.
    :param deferrable: False waits in the worker instead, which keeps the slots by running.
    """

    mapped_defaults: ClassVar[Mapping[str, Any]] = {
        "pool": API_POOL,
        "map_index_template": MAP_INDEX_TEMPLATE,
    }
    """What a mapping is given besides: the defaults of ``__init__`` don't reach it."""

    process: ClassVar[Process] = THIS_PROCESS

    def __init__(
        self,
        *,
        output_path: str,
        zoho_people_conn_id: str = "zoho_people_default",
        counted_by_run: bool = False,
        requests_per_window: int | None = None,
        deferrable: bool = True,
        on_lock: Notifiers | Alert = None,
        pool: str = API_POOL,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool=pool, **kwargs)
        self.output_path = output_path
        self.zoho_people_conn_id = zoho_people_conn_id
        self.counted_by_run = counted_by_run
        self.requests_per_window = requests_per_window
        self.deferrable = deferrable
        self.on_lock = Alert.of("on_lock", on_lock)

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """As Airflow's, with the operator's own pool and labels.

        The notifiers come as an :class:`Alert`, whose text is the same at each parse.
        """
        if "on_lock" in kwargs:
            kwargs["on_lock"] = Alert.of("on_lock", kwargs["on_lock"])
        return super().partial(**{**cls.mapped_defaults, **kwargs})

    def _hook(self) -> ZohoLearnerProgressHook:
        from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook

        return ZohoLearnerProgressHook(
            self.zoho_people_conn_id,
            paced_by_caller=True,
            requests_per_window=self.requests_per_window,
            process=self.process,
        )

    def _begin(self, context: Context, *, is_resumed: bool) -> Execution:
        """This execution. At the start of a task's first try nothing is spent: nobody is asked for it."""
        store = context["task_state_store"]
        is_new = context["ti"].try_number == 1 and not is_resumed
        return Execution(context, self._hook(), RequestCount(store) if is_new else RequestCount.of(store))

    def _privacy(self) -> Privacy:
        try:
            return Privacy.configured()
        except InvalidPrivacy as error:
            raise AirflowFailException(str(error)) from None

    def _fetch_options(self, execution: Execution) -> dict[str, Any]:
        """How each resource is fetched, see :class:`~zoho_people.fetching.page_fetch.PageFetch`."""
        from zoho_people.hooks.connection import bounds

        return {
            "source": self._privacy().page_source(execution.hook),
            "pace": Pace(execution.hook.settings.window_s),
            "clock": self.process.now,
            "dag_run_id": execution.context["run_id"],
            "bounds": bounds(),
        }

    def _fetch_all(self, execution: Execution, fetch: Fetch, *, not_before: float, rejections: int) -> None:
        """Ask for the pages that are not kept yet, a burst a window, until there are none."""
        context, hook, count = execution.context, execution.hook, execution.count
        pace = Pace(hook.settings.window_s)
        # A try that was killed or cleared held its slots no longer: its last requests still count.
        not_before = max(not_before, pace.next_request_at(count.spent.last_at or 0.0))
        while fetch.is_wanting():
            hook.prepare()
            self._await_turn(hook, pace, not_before)
            step = fetch.burst(self.pool_slots, rejections=rejections)
            self._tell_lock(context, step)
            if step.then is not Then.ASK_AGAIN and not self.counted_by_run:
                count.enter(hook.ledger, spender_of(context))
            not_before = pace.next_request_at(step.answered_at) if step.answered_at else 0.0
            rejections = step.rejections
            self._wait(
                context,
                self._with_own_end(step),
                self._counts(fetch, count),
                not_before=not_before,
                **fetch.resume_kwargs(),
            )

    def _counts(self, fetch: Any, count: RequestCount) -> dict[str, Any]:
        """What is told of the task; it is pushed as the XCom :attr:`_counts_key` before its end is known."""
        return count.spent.to_json()

    @property
    def _counts_key(self) -> str:
        return RESULT_KEY

    def _with_own_end(self, step: NextStep) -> NextStep:
        """*step*, as the subclass ends its tasks."""
        return step

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """As Airflow's; after a failed trigger the slot is held to the end of the window before the task fails."""
        if next_method == TRIGGER_FAILED:
            last_at = RequestCount.of(context["task_state_store"]).spent.last_at
            if last_at is not None:
                self.process.sleep_until(Pace(self._hook().settings.window_s).slot_free_at(last_at))
        return super().resume_execution(next_method, next_kwargs, context)

    def fail(self, context: Context, event: Any = None, *, failure: dict[str, Any]) -> None:
        """Raise the *failure* of a request whose slot has been held; Airflow then retries, skips or fails."""
        raise self._raisable(error_from_facts(failure))

    def _tell_lock(self, context: Context, step: NextStep) -> None:
        """Where *step* has met a lock, have one of the tasks that met it tell of it."""
        if step.lock is not None and self.on_lock:
            _, until = step.lock
            tell_lock(
                self.on_lock,
                context,
                until,
                conn_id=self.zoho_people_conn_id,
                clock=self.process.now,
                sleep=self.process.sleep,
            )

    def _raisable(self, error: ZohoError) -> Exception:
        """*error* as Airflow takes it: a spent quota skips the task, since a later run goes on from there."""
        return AirflowSkipException(error.message) if isinstance(error, QuotaExhausted) else error

    def _ends_in_worker(self) -> bool:
        """Whether a worker has something to do at the task's end that a trigger that ends it leaves undone."""
        own = type(self)
        return bool(
            self.outlets
            or self.on_success_callback
            or self._pre_execute_hook
            or self._post_execute_hook
            or own.pre_execute is not BaseOperator.pre_execute
            or own.post_execute is not BaseOperator.post_execute
            or not all(isinstance(link, ZohoPeopleLink) for link in self.operator_extra_links)
        )

    def _await_turn(self, hook: ZohoLearnerProgressHook, pace: Pace, not_before: float) -> None:
        """Return when the task may send: at *not_before*, not within its process's lead, where there is room."""
        self.process.sleep_until(hook.reserve(max(not_before, self.process.aged_at(pace.lead_s))))

    def _wait(
        self,
        context: Context,
        step: NextStep,
        result: dict[str, Any],
        *,
        not_before: float,
        **state: Any,
    ) -> None:
        """Hold the slot as *step* says: deferred where that pays, else in this process.

        *result* is pushed as an XCom where this call does not return; *state* (JSON values) is what ``execute``
        needs besides to go on.
        """
        wait_s = step.until - self.process.now()
        if not self.deferrable or wait_s < SHORTEST_DEFERRAL_S:
            self.process.sleep_until(step.until)
            if step.error:
                _push(context, self._counts_key, result)
                raise self._raisable(step.error)
            return
        # A task that its trigger ends has no return value, so what is known is pushed now.
        _push(context, self._counts_key, result)
        resume: dict[str, Any] = {"not_before": not_before, "rejections": step.rejections, **state}
        ends_here = step.then is Then.END and not self._ends_in_worker()
        self.defer(
            trigger=InstantTrigger(datetime.fromtimestamp(step.until, UTC), resume=not ends_here),
            method_name="fail" if step.error else "execute",
            kwargs={"failure": step.error.facts()} if step.error else resume,
            timeout=timedelta(seconds=wait_s) + DEFERRAL_GRACE,
        )


def _push(context: Context, key: str, result: dict[str, Any]) -> None:
    """Push an XCom; without it only the summary is poorer, and a slot must be held first."""
    try:
        context["ti"].xcom_push(key=key, value=result)
    except Exception:
        log.exception("The counts could not be pushed; only the summary misses them")


def spender_of(context: Context) -> str:
    """The name of the task instance in the day's count, the same for all its tries."""
    ti = context["ti"]
    names = json.dumps([ti.dag_id, context["run_id"], ti.task_id, ti.map_index])
    return f"task-{hashlib.sha256(names.encode()).hexdigest()[:16]}"
