"""What a run enters in the day's count: before it sends, what it is going to; when it is done, what it has."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from zoho_people.shared.ledger import DailyLedger
from zoho_people.shared.quota_day import next_quota_day_at, quota_day


@dataclass(frozen=True, slots=True)
class RunBooking:
    """The entries of the run *run* in *ledger*."""

    ledger: DailyLedger
    run: str

    def plan(
        self,
        requests: int,
        *,
        sent: Mapping[date, int],
        now: datetime,
        per_window: int,
        window_s: float,
    ) -> None:
        """Book *requests* from *now* on, beside those that the run has *sent* before, in an earlier try."""
        planned = Counter(spread(requests, now, per_window=per_window, window_s=window_s))
        planned.update(sent)
        self.record(planned, today=quota_day(now))

    def record(self, sent: Mapping[date, int], *, today: date) -> None:
        """Replace what the run had booked by what it has *sent*."""
        self.ledger.book(self.run, {today: 0, **sent}, today=today)


def spread(requests: int, now: datetime, *, per_window: int, window_s: float) -> dict[date, int]:
    """*requests* by the day of the quota on which they are sent from *now* on, with nobody else in the way.

    What the limit of *per_window* in *window_s* seconds leaves no time for on a day is the next day's.
    """
    at, days = now, {}
    while requests > 0:
        next_day_at = next_quota_day_at(at)
        room = math.ceil((next_day_at - at).total_seconds() / window_s) * per_window
        days[quota_day(at)] = min(requests, room)
        requests -= room
        at = next_day_at
    return days
