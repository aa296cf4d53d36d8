"""When each alert of a DAG is sent: the callbacks that Airflow calls, once a run and not once a mapped task."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Context

from zoho_people.model.wording import counted, quoted
from zoho_people.notifications.alert import Alert, InvalidAlert, Notifiers
from zoho_people.notifications.facts import Facts, RunFacts, names_of

QUOTA_LOW_PERCENT = 10
"""So little of the day's quota left is low."""

_NOBODY = Alert("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """The alerts of a DAG whose connection is *conn_id*.

    Airflow calls ``failure`` in the dag-processor when a run has failed, the others in the worker of the task
    that knows: ``planned`` after plan, ``published`` after publish (whether it failed or not), and ``on_lock`` is
    for the operators that send requests.
    """

    conn_id: str
    on_failure: Alert = _NOBODY
    on_incomplete: Alert = _NOBODY
    on_quota_low: Alert = _NOBODY
    on_lock: Alert = _NOBODY
    quota_low_percent: float = QUOTA_LOW_PERCENT

    @classmethod
    def of(
        cls, *, conn_id: str, quota_low_percent: float = QUOTA_LOW_PERCENT, **notifiers: Notifiers
    ) -> Alerts:
        """The alerts of the keywords that have *notifiers*.

        :raises InvalidAlert: naming the keyword that can't be, its value and the cure.
        """
        is_number = isinstance(quota_low_percent, (int, float)) and not isinstance(quota_low_percent, bool)
        if not is_number or not 0 <= quota_low_percent < 100:
            raise InvalidAlert(
                f"quota_low_percent: {quoted(quota_low_percent)} can't be; use a number from 0 to below 100: the "
                "share of the day's quota that is low"
            )
        alerts = {keyword: Alert.of(keyword, each) for keyword, each in notifiers.items()}
        return cls(conn_id=conn_id, quota_low_percent=quota_low_percent, **alerts)

    @property
    def of_dag(self) -> dict[str, Any]:
        """Keywords for the DAG."""
        return {"on_failure_callback": self.failure} if self.on_failure else {}

    def of_plan(self, default_args: Mapping[str, Any]) -> dict[str, Any]:
        """Keywords for the task plan, those callbacks among them that all tasks have by *default_args*."""
        return _beside(default_args, on_success_callback=self.planned) if self.on_quota_low else {}

    def of_publish(self, default_args: Mapping[str, Any]) -> dict[str, Any]:
        """The same for the task publish."""
        if not (self.on_quota_low or self.on_incomplete):
            return {}
        return _beside(default_args, on_success_callback=self.published, on_failure_callback=self.published)

    @property
    def of_requests(self) -> dict[str, Any]:
        """Keywords for the operators that send requests."""
        return {"on_lock": self.on_lock} if self.on_lock else {}

    def failure(self, context: Context) -> None:
        """The run has failed. What ``on_incomplete`` has told already is not told again."""
        run = RunFacts.of(context)
        incomplete = _problem(run)
        if incomplete and self.on_incomplete:
            return
        if incomplete:
            message = f"The run failed: {_incomplete(run)}"
        elif run.published is not None:
            message = (
                "The snapshot is published and complete, but a task of the run failed; its log says why."
            )
        else:
            again = "anything was published anew since tasks of it were cleared"
            message = (
                f"The run failed before {again if run.published_before else 'anything was published'}; "
                "the log of its first failed task says why."
            )
        reason = context.get("reason")
        self.on_failure.send(
            context,
            self._facts(context, run, "failure", message, reason=None if reason is None else str(reason)),
        )

    def planned(self, context: Context) -> None:
        """The plan is made: tell when it leaves little of the day's quota."""
        run = RunFacts.of(context)
        if self._plan_is_low(run):
            self._tell_quota(context, run)

    def published(self, context: Context) -> None:
        """Publishing has ended: tell when something is missing, and of a low quota that the plan did not see."""
        run = RunFacts.of(context)
        if run.published is None:
            return
        if self.on_incomplete and _problem(run):
            self.on_incomplete.send(context, self._facts(context, run, "incomplete", _incomplete(run)))
        if self.on_quota_low and not self._plan_is_low(run) and self._is_low(run, run.published.quota_left):
            self._tell_quota(context, run)

    def _tell_quota(self, context: Context, run: RunFacts) -> None:
        left, of_day = run.known()["quota_left"], run.known()["quota_of_day"]
        whole = "" if of_day is None else f" of {of_day:,}"
        message = f"{counted(left, 'request')}{whole} left for runs on this UTC day."
        self.on_quota_low.send(context, self._facts(context, run, "quota_low", message))

    def _plan_is_low(self, run: RunFacts) -> bool:
        is_real = run.request is not None and not run.request.dry_run
        return is_real and run.plan is not None and self._is_low(run, run.plan.quota_left)

    def _is_low(self, run: RunFacts, left: int | None) -> bool:
        of_day = (run.plan.daily_budget if run.plan else None) or 0
        return left is not None and left <= of_day * self.quota_low_percent / 100

    def _facts(
        self, context: Context, run: RunFacts, alert: str, message: str, *, reason: str | None = None
    ) -> Facts:
        known = {"reason": reason, **names_of(context), **run.known()}
        return Facts(alert=alert, message=message, conn_id=self.conn_id, **known)


def _beside(default_args: Mapping[str, Any], **callbacks: Any) -> dict[str, Any]:
    """Each of *callbacks* after those of the same kind in *default_args*: Airflow takes one or a list."""
    both = {}
    for kind, callback in callbacks.items():
        own = default_args.get(kind) or []
        both[kind] = [*(own if isinstance(own, Collection) else [own]), callback]
    return both


def _problem(run: RunFacts) -> bool:
    """Whether what is published is less than it should be."""
    return bool(run.published and run.published.problem)


def _incomplete(run: RunFacts) -> str:
    """In numbers: the log of publish names what is missing, here nobody is named."""
    known = run.known()
    if missing := known["missing"] - known["postponed"]:
        return f"{missing:,} of {known['asked']:,} answers are missing; the log of publish names them."
    if run.published and run.published.complete:
        return (
            "All that Zoho told is published, but something needs a look, such as ids that Zoho does not know; "
            "the log of publish says what."
        )
    return "Something could not be published as it should; the log of publish says what."
