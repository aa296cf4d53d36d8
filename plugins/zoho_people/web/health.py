"""How the runs fare: the limit, the day's quota, the token, the last runs and failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from zoho_people.model.run_xcoms import PlanFigures, Spent
from zoho_people.shared.access_token import TokenCipher, fingerprint_of
from zoho_people.shared.connection_state import SharedState
from zoho_people.shared.quota_day import next_quota_day_at, quota_day
from zoho_people.storage.layout import run_key
from zoho_people.web.door import Door, Failure, ProgressDag, Run
from zoho_people.web.failures import problem_and_cure
from zoho_people.web.rows import json_value
from zoho_people.zoho.errors import InvalidSettings
from zoho_people.zoho.settings import THRESHOLD, ConnectionSettings

SHOWN_RUNS = 10
SHOWN_FAILURES = 5
SHOWN = timedelta(hours=1)
"""How far back the requests of each minute are told."""

_ACTIVE = frozenset({"running", "queued"})
_MINUTE_S = 60.0

Counted = Sequence[tuple[str, Spent]]


@dataclass(frozen=True)
class Health:
    """What is told of the DAG *dag* to *user* at the instant *now*; *base* is the path of Airflow itself."""

    door: Door
    dag: ProgressDag
    user: Any
    now: datetime
    base: str = ""

    def facts(self) -> dict[str, Any]:
        """All but what the dataset says."""
        dag_id = self.dag.dag_id
        runs = self.door.runs(self.user, dag_id, most=SHOWN_RUNS)
        begun = [run.start for run in runs if run.state in _ACTIVE and run.start]
        counted = self.door.counts_since(self.user, dag_id, min([self.now - SHOWN, *begun]))
        others = self._others()
        of_others = [
            each for other in others for each in self.door.counts_since(self.user, other, self.now - SHOWN)
        ]
        failures = self.door.failures(self.user, dag_id, most=SHOWN_FAILURES)
        return {
            **self._of_connection(runs, counted, of_others),
            "requests_of": sorted([dag_id, *others]),
            "runs": [self._run(run) for run in runs],
            "failures": [self._failure(failure) for failure in failures],
            "dry_run": next((_dry_run(run, run.plan) for run in runs if run.is_dry and run.plan), None),
        }

    def _others(self) -> list[str]:
        """The other DAGs with the same connection, as far as the user may read them."""
        return [
            dag.dag_id
            for dag in self.door.dags()
            if dag.names.conn_id == self.dag.names.conn_id
            and dag.dag_id != self.dag.dag_id
            and self.door.may_read(self.user, dag.dag_id)
        ]

    def _of_connection(self, runs: Sequence[Run], counted: Counted, of_others: Counted) -> dict[str, Any]:
        names = self.dag.names
        pool = self.door.pool(names.pool)
        shared = self.door.shared(names.conn_id)
        problems = [] if pool else [f"the pool {names.pool} is missing: make it in Admin, Pools"]
        try:
            settings = self.door.settings(names.conn_id)
        except InvalidSettings as error:
            problems.append(error.message)
            settings = None
        window_s = settings.window_s if settings else _MINUTE_S
        gate = shared.gate(credentials=fingerprint_of(settings) if settings else "").state()
        sent = [request.start / 1000.0 for request in shared.last_requests()]
        return {
            "limit": {
                "requests_per_minute": round(THRESHOLD * _MINUTE_S / window_s),
                "slots": pool and pool.slots,
                "slots_in_use": pool and pool.in_use,
                "locked_until": _second(gate.locked_until) if gate.locked_until > self._now_s else None,
            },
            "requests": by_minute(sent, [*counted, *of_others], since=self.now - SHOWN),
            "quota": settings and self._quota(settings, shared, gate.refusals.spent_until, runs, counted),
            "token": settings
            and self._token(settings, shared, gate.refusals.stopped, gate.refusals.credentials),
            "warnings": problems,
        }

    @property
    def _now_s(self) -> float:
        return self.now.timestamp()

    def _quota(
        self,
        settings: ConnectionSettings,
        shared: SharedState,
        spent_until: float,
        runs: Iterable[Run],
        counted: Counted,
    ) -> dict[str, Any]:
        today = quota_day(self.now)
        entered = shared.ledger.spent(today)
        booked = sum(
            max(0, entered - self._without(run, shared, today) - requests_on(today, run, counted))
            for run in runs
            if run.state in _ACTIVE
        )
        budget = settings.daily_budget
        left = None if budget is None else max(0, budget - entered)
        return {
            "day": today.isoformat(),
            "limit": budget,
            "spent": entered - booked,
            "booked": booked,
            "left": 0 if spent_until > self._now_s else left,
            "resets_at": _second(next_quota_day_at(self.now).timestamp()),
        }

    def _without(self, run: Run, shared: SharedState, today: date) -> int:
        return shared.ledger.spent(today, apart_from=run_key(self.dag.dag_id, run.run_id))

    def _token(
        self, settings: ConnectionSettings, shared: SharedState, stopped: str, stopped_credentials: str
    ) -> dict[str, Any]:
        state = TokenCipher(settings).open(shared.token.load())
        token = state.token
        if stopped and stopped_credentials == fingerprint_of(settings):
            return {"state": "refused", "expires_at": None, "problem": stopped}
        if token is None:
            return {"state": "none", "expires_at": None, "problem": None}
        is_over = token.expires_at <= self._now_s
        return {
            "state": "expired" if is_over else "valid",
            "expires_at": _second(token.expires_at),
            "problem": None,
        }

    def _run(self, run: Run) -> dict[str, Any]:
        return {
            "dag_run_id": run.run_id,
            "state": run.state,
            "start": json_value(run.start),
            "end": json_value(run.end),
            "coverage": {},
            "url": self._url(run.run_id),
        }

    def _failure(self, failure: Failure) -> dict[str, Any]:
        message, cure = problem_and_cure(failure.said, failure.error)
        mapped = f"/mapped/{failure.map_index}" if failure.map_index >= 0 else ""
        return {
            "dag_run_id": failure.run_id,
            "task_id": failure.task_id,
            "map_index": failure.map_index,
            "label": failure.label or None,
            "when": json_value(failure.when),
            "message": message or None,
            "cure": cure,
            "url": f"{self._url(failure.run_id)}/tasks/{quote(failure.task_id, safe='')}{mapped}",
        }

    def _url(self, run_id: str) -> str:
        return f"{self.base}/dags/{quote(self.dag.dag_id, safe='')}/runs/{quote(run_id, safe='')}"


def by_minute(sent: Iterable[float], counted: Counted, *, since: datetime) -> list[dict[str, Any]]:
    """The requests of each minute, where there were any.

    What tasks have counted is known once they are done; of the last minute the requests themselves are written
    down (*sent*), of all that use the connection. Both tell of the same requests: the larger number holds.
    """
    known = Counter(map(_minute, sent))
    told = Counter(_minute(at) for _, spent in counted for at in _moments(spent))
    first = _minute(since.timestamp())
    return [
        {"minute": _second(minute), "count": max(known[minute], told[minute])}
        for minute in sorted({*known, *told})
        if minute >= first
    ]


def requests_on(day: date, run: Run, counted: Counted) -> int:
    """The requests of *run* on *day* that its tasks have counted."""
    return sum(spent.by_day.get(day, 0) for run_id, spent in counted if run_id == run.run_id)


def _moments(spent: Spent) -> Iterator[float]:
    """When the requests of a task were answered: the first and the last are known, others lie evenly between."""
    if spent.first_at is None or spent.last_at is None:
        return
    for index in range(spent.requests):
        yield spent.first_at + spent.seconds * index / max(1, spent.requests - 1)


def _minute(at: float) -> float:
    return at // _MINUTE_S * _MINUTE_S


def _dry_run(run: Run, plan: PlanFigures) -> dict[str, Any]:
    return {
        "dag_run_id": run.run_id,
        "units": plan.units,
        "requests": plan.requests,
        "minutes": plan.minutes,
    }


def _second(instant: float) -> str:
    """The second of *instant*, which is in seconds since the epoch, as ISO 8601 in UTC."""
    return str(json_value(datetime.fromtimestamp(int(instant), UTC)))
