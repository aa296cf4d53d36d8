from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.helpers.counts import MemoryCounts
from zoho_people.shared.booking import RunBooking, spread
from zoho_people.shared.ledger import DailyLedger

TODAY, TOMORROW, THE_DAY_AFTER = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATE = datetime(2026, 11, 23, 23, 50, tzinfo=UTC)


@pytest.fixture
def ledger() -> DailyLedger:
    return DailyLedger(MemoryCounts())


def spent(ledger: DailyLedger) -> list[int]:
    return [ledger.spent(day) for day in (TODAY, TOMORROW, THE_DAY_AFTER)]


class TestThePlan:
    @staticmethod
    def book(
        ledger: DailyLedger, requests: int, *, now: datetime, sent: dict[date, int] | None = None
    ) -> None:
        RunBooking(ledger, "run").plan(requests, sent=sent or {}, now=now, per_window=30, window_s=60.0)

    def test_is_booked_for_today_while_there_is_time(self, ledger: DailyLedger) -> None:
        self.book(ledger, 1000, now=NOON)
        assert spent(ledger) == [1000, 0, 0]

    def test_that_goes_on_past_midnight_is_booked_for_both_days(self, ledger: DailyLedger) -> None:
        self.book(ledger, 1000, now=LATE)
        assert spent(ledger) == [300, 700, 0]

    def test_once_more_keeps_what_the_run_has_sent(self, ledger: DailyLedger) -> None:
        self.book(ledger, 100, now=NOON)
        self.book(ledger, 60, now=NOON, sent={TODAY: 45})
        assert spent(ledger) == [105, 0, 0]

    def test_of_nothing_is_an_entry_too(self, ledger: DailyLedger) -> None:
        self.book(ledger, 100, now=NOON)
        self.book(ledger, 0, now=NOON)
        assert spent(ledger) == [0, 0, 0]

    def test_is_replaced_by_what_was_sent(self, ledger: DailyLedger) -> None:
        self.book(ledger, 1000, now=LATE)
        RunBooking(ledger, "run").record({TODAY: 310}, today=TODAY)
        assert spent(ledger) == [310, 0, 0]

    def test_is_settled_for_the_day_on_which_the_run_ends(self, ledger: DailyLedger) -> None:
        self.book(ledger, 1000, now=LATE)
        RunBooking(ledger, "run").record({TODAY: 250, TOMORROW: 650}, today=TOMORROW)
        assert spent(ledger) == [0, 650, 0]


class TestSpreading:
    @pytest.mark.parametrize(
        ("requests", "now", "days"),
        [
            (0, NOON, {}),
            (30, datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), {TODAY: 30}),
            (31, datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), {TODAY: 30, TOMORROW: 1}),
            (43_200, datetime(2026, 11, 23, tzinfo=UTC), {TODAY: 43_200}),
            (43_231, LATE, {TODAY: 300, TOMORROW: 42_931}),
            (43_501, LATE, {TODAY: 300, TOMORROW: 43_200, THE_DAY_AFTER: 1}),
        ],
    )
    def test_gives_each_day_what_the_limit_has_time_for(
        self, requests: int, now: datetime, days: dict[date, int]
    ) -> None:
        assert spread(requests, now, per_window=30, window_s=60.0) == days

    def test_counts_by_utc_whatever_the_zone(self) -> None:
        east = LATE.astimezone(timezone(timedelta(hours=5)))
        assert spread(301, east, per_window=30, window_s=60.0) == {TODAY: 300, TOMORROW: 1}
