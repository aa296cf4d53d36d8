"""How many requests the connection has spent today."""

from __future__ import annotations

import re
from datetime import date
from typing import Protocol


class SharedCounts(Protocol):
    """Named counts that every process of the installation can list, read, replace and remove."""

    def read(self) -> dict[str, int]:
        """All of them."""

    def write(self, name: str, count: int) -> None:
        """Replace one."""

    def remove(self, name: str) -> None:
        """Remove one."""


class DailyLedger:
    """Requests by UTC day and run; each run writes its own count, so no run can overwrite another's.

    A run books what it is going to spend before it sends, so that another run can't plan with the same
    requests, and settles what it has spent when it is done.
    """

    def __init__(self, counts: SharedCounts) -> None:
        self._counts = counts

    def spent(self, day: date, *, apart_from: str = "") -> int:
        """Requests spent or booked on *day*, by all runs but the one named."""
        mine = _name(day, apart_from)
        return sum(
            count
            for name, count in self._counts.read().items()
            if name.startswith(day.isoformat()) and name != mine
        )

    def book(self, day: date, run: str, requests: int) -> None:
        """Enter *requests* for *run* in the place of what it had entered for *day*; earlier days are forgotten."""
        self._counts.write(_name(day, run), requests)
        for name in self._counts.read():
            if _DATED.match(name) and name[:10] < day.isoformat():
                self._counts.remove(name)


_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}_", re.ASCII)


def _name(day: date, run: str) -> str:
    return f"{day.isoformat()}_{run}"
