"""What a task has spent: requests, and seconds of its slot."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zoho_people.fetching.next_step import Move
from zoho_people.shared.ledger import DailyLedger
from zoho_people.shared.quota_day import quota_day

log = logging.getLogger(__name__)

_KEY = "tally"


@dataclass
class Tally:
    """Counts over all tries and deferrals of one mapped task, kept in Airflow's task state store.

    ``first_at`` and ``last_at`` are when the first and the last request ended, in seconds since the epoch;
    ``by_day`` counts the requests by UTC day; ``locked`` has from when to when the API was found locked.
    """

    store: Any
    requests: int = 0
    held_seconds: float = 0.0
    first_at: float | None = None
    last_at: float | None = None
    by_day: dict[str, int] = field(default_factory=dict)
    locked: list[list[float]] = field(default_factory=list)

    @classmethod
    def of(cls, store: Any) -> Tally:
        """The tally in *store*, a task's state store, as far as it has been counted."""
        kept: Mapping[str, Any] = store.get(_KEY, default={})
        return cls(store, **kept)

    def add(self, move: Move) -> None:
        """Count *move*: no request where none was sent."""
        if move.lock is not None:
            self.locked = union([*self.locked, move.lock])
        if move.answered_at is not None:
            self._count(move, move.answered_at)
        elif move.lock is None:
            return
        try:
            self.store.set(_KEY, self.figures())
        except Exception:
            # Nothing may be raised straight after a request: its slot must be held first.
            log.exception("The count of requests could not be kept; only the summary misses it")

    def _count(self, move: Move, answered_at: float) -> None:
        self.requests += 1
        self.held_seconds = round(self.held_seconds + max(0.0, move.until - answered_at), 3)
        self.first_at = self.first_at or answered_at
        self.last_at = answered_at
        day = quota_day(answered_at).isoformat()
        self.by_day[day] = self.by_day.get(day, 0) + 1

    def enter(self, ledger: DailyLedger, spender: str) -> None:
        """Enter in *ledger* what the task has sent on the day of its last request, all tries together."""
        if self.last_at is None:
            return
        by_day = {date.fromisoformat(day): count for day, count in self.by_day.items()}
        try:
            ledger.book(spender, by_day, today=quota_day(self.last_at))
        except Exception:
            # As above.
            log.exception("The requests could not be entered in the day's count")

    def figures(self) -> dict[str, Any]:
        """The counts as JSON values."""
        return {
            "requests": self.requests,
            "held_seconds": self.held_seconds,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "by_day": self.by_day,
            "locked": self.locked,
        }


def total(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures of many tasks, from their return values, as one."""
    kept = list(results)
    firsts = [result["first_at"] for result in kept if result["first_at"]]
    lasts = [result["last_at"] for result in kept if result["last_at"]]
    return {
        "requests": sum(result["requests"] for result in kept),
        "held_seconds": round(sum(result["held_seconds"] for result in kept), 3),
        "first_at": min(firsts, default=None),
        "last_at": max(lasts, default=None),
        "by_day": dict(sum((Counter(result["by_day"]) for result in kept), Counter())),
        "locked": union(span for result in kept for span in result.get("locked", [])),
    }


def union(spans: Iterable[Sequence[float]]) -> list[list[float]]:
    """The *spans* (from, until) in their order, those that overlap or touch as one."""
    found: list[list[float]] = []
    for begin, end in sorted((span[0], span[1]) for span in spans):
        if found and begin <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([begin, end])
    return found


def seconds_of(spans: Iterable[Sequence[float]]) -> float:
    """How many seconds *spans* that don't overlap are together."""
    return round(sum(end - begin for begin, end in spans), 3)
