"""What every task that sends requests has in common: it holds its pool slots for a window after each answer."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from zoho_people.fetching.next_step import Move, Then
from zoho_people.fetching.pace import SHORTEST_DEFERRAL_S, Pace
from zoho_people.fetching.process_age import process_age_s
from zoho_people.fetching.request_count import Tally
from zoho_people.model.run_tasks import RESULT_KEY
from zoho_people.notifications.alert import Alert, Notifiers
from zoho_people.notifications.lock_news import tell_lock
from zoho_people.operators.links import ZohoPeopleLink
from zoho_people.shared.airflow_internals import TRIGGER_FAILED
from zoho_people.triggers.instant import InstantTrigger
from zoho_people.zoho.errors import QuotaExhausted, ZohoError, error_from_facts

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook

DEFERRAL_GRACE = timedelta(minutes=5)
"""How much longer than its wait a deferral may last before the task fails: a dead triggerer is loud."""


class PacedOperator(BaseOperator):
    """Waits before and after requests, deferred where that pays, else in the worker; sends none itself.

    A subclass has ``zoho_people_conn_id`` and ``deferrable``, and an ``execute`` that takes *event*,
    *not_before* and *rejections* from the deferral that resumes it.
    """

    zoho_people_conn_id: str
    deferrable: bool

    def __init__(self, *, on_lock: Notifiers | Alert = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.on_lock = Alert.of("on_lock", on_lock)

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """As Airflow's; the notifiers come as an :class:`Alert`, whose text is the same at each parse."""
        if "on_lock" in kwargs:
            kwargs["on_lock"] = Alert.of("on_lock", kwargs["on_lock"])
        return super().partial(**kwargs)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """As Airflow's; after a failed trigger the slot is held to the end of the window before the task fails."""
        if next_method == TRIGGER_FAILED:
            last_at = Tally.of(context["task_state_store"]).last_at
            if last_at is not None:
                from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook

                hook = ZohoLearnerProgressHook(self.zoho_people_conn_id, paced_by_caller=True)
                _sleep_until(Pace(hook.settings.window_s).slot_free_at(last_at))
        return super().resume_execution(next_method, next_kwargs, context)

    def fail(self, context: Context, event: Any = None, *, failure: dict[str, Any]) -> None:
        """Raise the *failure* of a request whose slot has been held; Airflow then retries, skips or fails."""
        raise self._raisable(error_from_facts(failure))

    def _tell_lock(self, context: Context, move: Move) -> None:
        """Where *move* has met a lock, have one of the tasks that met it tell of it."""
        if move.lock is not None and self.on_lock:
            tell_lock(
                self.on_lock,
                context,
                move.lock,
                conn_id=self.zoho_people_conn_id,
                clock=time.time,
                sleep=time.sleep,
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

    @staticmethod
    def _await_turn(hook: ZohoLearnerProgressHook, pace: Pace, not_before: float) -> None:
        """Return when the task may send: at *not_before*, not within its process's lead, where there is room."""
        _sleep_until(hook.reserve(max(not_before, time.time() + pace.lead_s - process_age_s())))

    def _wait(
        self,
        context: Context,
        move: Move,
        result: dict[str, Any],
        *,
        not_before: float,
        key: str = RESULT_KEY,
        **state: Any,
    ) -> None:
        """Hold the slot as *move* says: deferred where that pays, else in this process.

        *result* is pushed as the XCom *key* where this call does not return; *state* (JSON values) is what
        ``execute`` needs besides to go on.
        """
        wait_s = move.until - time.time()
        if not self.deferrable or wait_s < SHORTEST_DEFERRAL_S:
            _sleep_until(move.until)
            if move.error:
                _push(context, key, result)
                raise self._raisable(move.error)
            return
        # A task that its trigger ends has no return value, so what is known is pushed now.
        _push(context, key, result)
        resume: dict[str, Any] = {"not_before": not_before, "rejections": move.rejections, **state}
        ends_here = move.then is Then.END and not self._ends_in_worker()
        self.defer(
            trigger=InstantTrigger(datetime.fromtimestamp(move.until, UTC), resume=not ends_here),
            method_name="fail" if move.error else "execute",
            kwargs={"failure": move.error.facts()} if move.error else resume,
            timeout=timedelta(seconds=wait_s) + DEFERRAL_GRACE,
        )


def _push(context: Context, key: str, result: dict[str, Any]) -> None:
    """Push an XCom; without it only the summary is poorer, and a slot must be held first."""
    try:
        context["ti"].xcom_push(key=key, value=result)
    except Exception:
        log.exception("The counts could not be pushed; only the summary misses them")


def _sleep_until(instant: float) -> None:
    remaining_s = instant - time.time()
    if remaining_s > 0:
        time.sleep(remaining_s)


def spender_of(context: Context) -> str:
    """The name of the task instance in the day's count, the same for all its tries."""
    ti = context["ti"]
    names = json.dumps([ti.dag_id, context["run_id"], ti.task_id, ti.map_index])
    return f"task-{hashlib.sha256(names.encode()).hexdigest()[:16]}"
