"""What a task has spent: requests, and seconds of its slot."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import Any

from zoho_people.fetching.next_step import NextStep
from zoho_people.model.run_xcoms import Span, Spent, union
from zoho_people.shared.ledger import DailyLedger
from zoho_people.shared.quota_day import quota_day

log = logging.getLogger(__name__)

_KEY = "tally"


@dataclass
class RequestCount:
    """Counts over all tries and deferrals of one mapped task, kept in Airflow's task state store."""

    store: Any
    spent: Spent = field(default_factory=Spent)

    @classmethod
    def of(cls, store: Any) -> RequestCount:
        """The count in *store*, a task's state store, as far as it has been counted."""
        return cls(store, Spent.from_json(store.get(_KEY, default={})))

    def add(self, step: NextStep) -> None:
        """Count *step*: no request where none was sent."""
        if step.lock is not None:
            begin, end = step.lock
            self.spent = replace(self.spent, locked=union([*self.spent.locked, Span(begin, end)]))
        if step.answered_at is not None:
            self.spent = _after(self.spent, step.answered_at, held_s=step.until - step.answered_at)
        elif step.lock is None:
            return
        try:
            self.store.set(_KEY, self.spent.to_json())
        except Exception:
            # Nothing may be raised straight after a request: its slot must be held first.
            log.exception("The count of requests could not be kept; only the summary misses it")

    def enter(self, ledger: DailyLedger, spender: str) -> None:
        """Enter in *ledger* what the task has sent on the day of its last request, all tries together."""
        last_at = self.spent.last_at
        if last_at is None:
            return
        try:
            ledger.book(spender, self.spent.by_day, today=quota_day(last_at))
        except Exception:
            # As above.
            log.exception("The requests could not be entered in the day's count")


def _after(spent: Spent, answered_at: float, *, held_s: float) -> Spent:
    """What is *spent* after one more request, which ended at *answered_at*; its slot is held for *held_s*."""
    day = quota_day(answered_at)
    return replace(
        spent,
        requests=spent.requests + 1,
        held_seconds=round(spent.held_seconds + max(0.0, held_s), 3),
        first_at=spent.first_at or answered_at,
        last_at=answered_at,
        by_day={**spent.by_day, day: spent.by_day.get(day, 0) + 1},
    )
