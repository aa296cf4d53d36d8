"""The threshold of the API and its lock, and the organisation's daily quota."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from zoho_emulator.settings import Settings

DAY_SECONDS = 86_400


@dataclass(slots=True)
class Limiter:
    """Decides about every arriving API request; arrivals must come in the order of their time.

    The window slides: it is the half-open span (now - window, now], so that a slot is free again exactly one
    window after the request that took it. The request that exceeds the threshold starts the lock.
    """

    settings: Settings
    locked_until: float | None = None
    locks_caused: int = 0
    locks_from_outside: int = 0
    _arrivals: deque[float] = field(default_factory=deque)
    _utc_day: int = 0
    _requests_today: int = 0

    def arrive(self, now: float) -> str:
        """Count a request and decide: ``ok``, ``locked``, ``threshold`` (it has just locked) or ``daily``."""
        self._count(now)
        if self.is_locked(now):
            if self.settings.lock_extends:
                self.locked_until = now + self.settings.lock_seconds
            return "locked"
        if len(self._arrivals) > self.settings.threshold:
            self.locks_caused += 1
            self.locked_until = now + self.settings.lock_seconds
            return "threshold"
        limit = self.settings.daily_limit
        return "daily" if limit is not None and self._requests_today > limit else "ok"

    def is_locked(self, now: float) -> bool:
        """Whether the API is locked at *now*; at the very end of the lock it no longer is."""
        return self.locked_until is not None and now < self.locked_until

    def lock(self, now: float, *, seconds: float) -> None:
        """Lock as if another client had spent the threshold; 0 seconds ends a lock."""
        if seconds == 0:
            self.locked_until = None
            return
        self.locks_from_outside += 1
        self.locked_until = max(self.locked_until or 0.0, now + seconds)

    def requests_today(self, now: float) -> int:
        """The API requests of the UTC day of *now*."""
        return self._requests_today if now // DAY_SECONDS == self._utc_day else 0

    def _count(self, now: float) -> None:
        utc_day = int(now // DAY_SECONDS)
        if utc_day != self._utc_day:
            self._utc_day, self._requests_today = utc_day, 0
        self._requests_today += 1
        self._arrivals.append(now)
        while now - self._arrivals[0] >= self.settings.window_seconds:
            self._arrivals.popleft()


def most_in_any_window(arrivals: list[float], *, window_seconds: float) -> int:
    """The most of the (ascending) *arrivals* that any window of that length holds."""
    most = first = 0
    for last, arrival in enumerate(arrivals):
        while arrival - arrivals[first] >= window_seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
