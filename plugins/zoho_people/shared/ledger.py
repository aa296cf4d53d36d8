"""How many requests the connection has spent today."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Protocol

from zoho_people.shared.quota_day import quota_day


class SharedCounts(Protocol):
    """Named counts that every process of the installation can list, read, replace and remove."""

    def all(self) -> list[str]:
        """The names of all."""

    def read(self, name: str) -> int:
        """One of them; 0 where there is none."""

    def write(self, name: str, count: int) -> None:
        """Replace one."""

    def remove(self, name: str) -> None:
        """Remove one."""


class DailyLedger:
    """Requests by day of the quota and spender; each writes its own entries, so none can overwrite another's.

    A spender is a run, a task that belongs to no such run, or a process. A run books what it is going to spend
    before it sends, so that another run can't plan with the same requests, and enters what it has spent when it
    is done; the others enter what they have sent.
    """

    def __init__(self, counts: SharedCounts) -> None:
        self._counts = counts

    def spent(self, day: date, *, apart_from: str = "") -> int:
        """Requests spent or booked on *day*, by all but the spender named."""
        mine = _name(day, apart_from)
        return sum(
            self._counts.read(name)
            for name in self._counts.all()
            if name.startswith(f"{day.isoformat()}_") and name != mine
        )

    def book(self, spender: str, by_day: Mapping[date, int], *, today: date) -> None:
        """Enter *by_day* in the place of what *spender* had entered for *today* and later.

        Earlier days are forgotten, whoever entered them.
        """
        entered = {_name(day, spender): count for day, count in by_day.items() if day >= today}
        for name, count in entered.items():
            self._counts.write(name, count)
        for name in self._counts.all():
            entry = _NAME.fullmatch(name)
            if entry is None or name in entered:
                continue
            if entry["day"] < today.isoformat() or entry["spender"] == spender:
                self._counts.remove(name)


class ProcessCount:
    """The requests that this process has sent, one by one, under a name that no other process has."""

    def __init__(self, ledger: DailyLedger) -> None:
        self._ledger = ledger
        self._name = f"process-{uuid.uuid4().hex}"
        self._by_day: Counter[date] = Counter()

    def add(self, sent_at: float) -> None:
        """Count a request of the instant *sent_at*, in seconds since the epoch."""
        day = quota_day(sent_at)
        self._by_day[day] += 1
        self._ledger.book(self._name, self._by_day, today=day)


_NAME = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})_(?P<spender>.*)", re.ASCII | re.DOTALL)


def _name(day: date, spender: str) -> str:
    return f"{day.isoformat()}_{spender}"
