"""The operator: one learner's progress in one entity type, one request per slot and window."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, ObjectStoragePath
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from zoho_people.api.entity_type import EntityType
from zoho_people.api.errors import QuotaExhausted, ZohoError, error_from_facts
from zoho_people.api.unit import Course, Unit
from zoho_people.move import Move, Then
from zoho_people.pace import API_POOL, SHORTEST_DEFERRAL_S, Pace
from zoho_people.process import process_age_s
from zoho_people.tally import Tally, spender_of
from zoho_people.trigger import InstantTrigger

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.dataset.staging import StagedProgress
    from zoho_people.fetch import UnitFetch
    from zoho_people.hook import ZohoLearnerProgressHook

DEFERRAL_GRACE = timedelta(minutes=5)
"""How much longer than its wait a deferral may last before the task fails: a dead triggerer is loud."""

_TRIGGER_FAILED = "__fail__"
"""What Airflow resumes with when a trigger failed or took too long."""

MAP_INDEX_TEMPLATE = "{{ task.course }} · {{ task.learner_id }} · {{ task.entity_type }}"


class ZohoLearnerProgressOperator(BaseOperator):
    """Fetches every page of one learner's progress in one entity type of one course into staging.

    Each request occupies one slot of the pool until a window after its answer: the task defers for the rest
    of the window and is then ended by its trigger, or resumed for the next page. Pages are kept as they
    come, so a task that is retried, resumed or cleared goes on at the first page it does not have.

    :param course: ``courseId``, or ``courseId/batchId`` for a batch of a blended course. Templated.
    :param learner_id: Zoho's id of the learner, a string of digits. Templated.
    :param entity_type: one of the ten names of :class:`~zoho_people.api.entity_type.EntityType`. Templated.
    :param output_path: the dataset's root, any URL that ``ObjectStoragePath`` takes. Templated.
    :param zoho_people_conn_id: the connection. Templated.
    :param counted_by_run: True where a later task of the run enters its requests in the day's count, as the DAG of
        this project does; by default the task enters its own when it ends.
    :param deferrable: False waits in the worker instead, which keeps the slot by running.

    The return value has counts only: ``outcome``, ``pages``, ``rows``, ``requests``, ``held_seconds`` and the
    instants (seconds since the epoch) of the first and the last request, ``first_at`` and ``last_at``.
    """

    template_fields = ("course", "learner_id", "entity_type", "output_path", "zoho_people_conn_id")
    ui_color = "#d7ecff"

    def __init__(
        self,
        *,
        course: str,
        learner_id: str,
        entity_type: str,
        output_path: str,
        zoho_people_conn_id: str = "zoho_people_default",
        counted_by_run: bool = False,
        deferrable: bool = True,
        pool: str = API_POOL,
        map_index_template: str | None = MAP_INDEX_TEMPLATE,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool=pool, map_index_template=map_index_template, **kwargs)
        self.course = course
        self.learner_id = learner_id
        self.entity_type = entity_type
        self.output_path = output_path
        self.zoho_people_conn_id = zoho_people_conn_id
        self.counted_by_run = counted_by_run
        self.deferrable = deferrable

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """As Airflow's, with the operator's own pool and labels: those of ``__init__`` don't reach a mapping."""
        return super().partial(**{"pool": API_POOL, "map_index_template": MAP_INDEX_TEMPLATE, **kwargs})

    def execute(
        self,
        context: Context,
        event: Any = None,
        *,
        not_before: float = 0.0,
        rejections: int = 0,
    ) -> dict[str, Any]:
        """Ask for the next page that is not kept yet, until there is none.

        *not_before* and *rejections* come from the deferral that resumes the task: the instant before which
        it may not send, and how many access tokens in a row were refused.
        """
        from zoho_people.hook import ZohoLearnerProgressHook

        hook = ZohoLearnerProgressHook(self.zoho_people_conn_id, paced_by_caller=True)
        pace = Pace(hook.settings.window_s)
        fetch = self._fetch(context, hook, pace)
        tally = Tally.of(context)
        # A try that was killed or cleared held its slot no longer: its last request still counts.
        not_before = max(not_before, pace.next_request_at(tally.last_at or 0.0))
        while not (progress := fetch.progress()).done:
            hook.prepare()
            _sleep_until(max(not_before, time.time() + pace.lead_s - process_age_s()))
            move = fetch.ask(progress.next_start_index or 0, rejections=rejections)
            tally.add(move)
            if move.then is not Then.ASK_AGAIN and not self.counted_by_run:
                tally.enter(hook.ledger, spender_of(context))
            not_before = pace.next_request_at(move.answered_at) if move.answered_at else 0.0
            rejections = move.rejections
            self._wait(context, move, self._result(move.kept or progress, tally), not_before=not_before)
        return self._result(progress, tally)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """As Airflow's; after a failed trigger the slot is held to the end of the window before the task fails."""
        if next_method == _TRIGGER_FAILED:
            last_at = Tally.of(context).last_at
            if last_at is not None:
                from zoho_people.hook import ZohoLearnerProgressHook

                hook = ZohoLearnerProgressHook(self.zoho_people_conn_id, paced_by_caller=True)
                _sleep_until(Pace(hook.settings.window_s).slot_free_at(last_at))
        return super().resume_execution(next_method, next_kwargs, context)

    def fail(self, context: Context, event: Any = None, *, failure: dict[str, Any]) -> None:
        """Raise the *failure* of a request whose slot has been held; Airflow then retries, skips or fails."""
        raise _raisable(error_from_facts(failure))

    def _wait(self, context: Context, move: Move, result: dict[str, Any], *, not_before: float) -> None:
        """Hold the slot as *move* says: deferred where that pays, else in this process."""
        wait_s = move.until - time.time()
        if not self.deferrable or wait_s < SHORTEST_DEFERRAL_S:
            _sleep_until(move.until)
            if move.error:
                _push(context, result)
                raise _raisable(move.error)
            return
        # A deferral ends without a return value, so what is known is pushed now.
        _push(context, result)
        resume: dict[str, Any] = {"not_before": not_before, "rejections": move.rejections}
        self.defer(
            trigger=InstantTrigger(datetime.fromtimestamp(move.until, UTC), resume=move.then is not Then.END),
            method_name="fail" if move.error else "execute",
            kwargs={"failure": move.error.facts()} if move.error else resume,
            timeout=timedelta(seconds=wait_s) + DEFERRAL_GRACE,
        )

    def _unit(self) -> Unit:
        try:
            return Unit(Course.parse(self.course), self.learner_id, EntityType.parse(self.entity_type))
        except ValueError as error:
            raise AirflowFailException(str(error)) from None

    def _fetch(self, context: Context, hook: ZohoLearnerProgressHook, pace: Pace) -> UnitFetch:
        from zoho_people.dataset.staging import Staging
        from zoho_people.fetch import UnitFetch

        ti, run_id = context["ti"], context["run_id"]
        return UnitFetch(
            self._unit(),
            source=hook,
            staging=Staging(ObjectStoragePath(self.output_path), Staging.run_key(ti.dag_id, run_id)),
            pace=pace,
            clock=time.time,
            dag_run_id=run_id,
        )

    @staticmethod
    def _result(progress: StagedProgress, tally: Tally) -> dict[str, Any]:
        return {
            "outcome": progress.outcome,
            "pages": progress.pages,
            "rows": progress.rows,
            **tally.figures(),
        }


def _raisable(error: ZohoError) -> Exception:
    """*error* as Airflow takes it: a spent quota skips the task, since a later run goes on from there."""
    return AirflowSkipException(error.message) if isinstance(error, QuotaExhausted) else error


def _push(context: Context, result: dict[str, Any]) -> None:
    """Push the return value; without it only the summary is poorer, and a slot must be held first."""
    try:
        context["ti"].xcom_push(key="return_value", value=result)
    except Exception:
        log.exception("The counts could not be pushed; only the summary misses them")


def _sleep_until(instant: float) -> None:
    remaining_s = instant - time.time()
    if remaining_s > 0:
        time.sleep(remaining_s)
