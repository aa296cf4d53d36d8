"""The lock that everybody knows of: while Zoho's lasts, nobody sends."""

from __future__ import annotations

from zoho_people.api.errors import Locked
from zoho_people.api.shared_text import SharedText

_LATEST = 4e9
"""The year 2096: what is beyond it is no number of seconds since the epoch."""


class SharedLock:
    """Until when the API is locked, in seconds since the epoch, in a text that every process reads.

    Writers do not exclude each other; each writes the later of what it read and what it learnt, and a lock
    that is written short by a race is met again and written anew.
    """

    def __init__(self, store: SharedText) -> None:
        self._store = store

    def until(self) -> float:
        """The end of the lock; an instant long past where there is none."""
        try:
            until = float(self._store.load() or "0")
        except ValueError:
            return 0.0
        return until if 0.0 <= until < _LATEST else 0.0

    def extend(self, until: float) -> float:
        """Record a lock until *until* unless a longer one is known; return the end that now holds."""
        known = self.until()
        if until > known:
            self._store.save(f"{until:.3f}")
        return max(until, known)

    def refuse_while_locked(self, now: float) -> None:
        """Return when there is no lock at *now*.

        :raises Locked: with what remains of it; it has no HTTP status, since nothing is sent.
        """
        remaining_s = self.until() - now
        if remaining_s > 0:
            raise Locked("the API is locked; nothing was sent", retry_after_s=remaining_s)
