from __future__ import annotations

from datetime import date, timedelta

import pytest

from zoho_people.api.ledger import DailyLedger

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)


class Counts:
    """Counts in memory."""

    def __init__(self, **kept: int) -> None:
        self.kept = dict(kept)

    def read(self) -> dict[str, int]:
        return dict(self.kept)

    def write(self, name: str, count: int) -> None:
        self.kept[name] = count

    def remove(self, name: str) -> None:
        self.kept.pop(name, None)


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def ledger(counts: Counts) -> DailyLedger:
    return DailyLedger(counts)


def test_nothing_is_spent_at_first(ledger: DailyLedger) -> None:
    assert ledger.spent(TODAY) == 0


def test_what_the_runs_booked_adds_up(ledger: DailyLedger) -> None:
    ledger.book(TODAY, "run-a", 300)
    ledger.book(TODAY, "run-b", 40)
    assert ledger.spent(TODAY) == 340


def test_a_run_that_settles_replaces_what_it_had_booked(ledger: DailyLedger) -> None:
    ledger.book(TODAY, "run-a", 300)
    ledger.book(TODAY, "run-b", 40)
    ledger.book(TODAY, "run-a", 12)
    assert ledger.spent(TODAY) == 52
    ledger.book(TODAY, "run-a", 0)
    assert ledger.spent(TODAY) == 40


def test_a_run_may_leave_itself_out(ledger: DailyLedger) -> None:
    ledger.book(TODAY, "run-a", 300)
    ledger.book(TODAY, "run-b", 40)
    assert ledger.spent(TODAY, apart_from="run-a") == 40
    assert ledger.spent(TODAY, apart_from="run-c") == 340


@pytest.mark.parametrize(("mine", "other"), [("run", "run-1"), ("run-1", "run"), ("", "run"), ("a_b", "b")])
def test_a_run_is_not_taken_for_another_of_a_similar_name(ledger: DailyLedger, mine: str, other: str) -> None:
    ledger.book(TODAY, mine, 5)
    ledger.book(TODAY, other, 7)
    assert ledger.spent(TODAY, apart_from=mine) == 7


def test_a_new_day_begins_with_nothing_spent(ledger: DailyLedger) -> None:
    ledger.book(YESTERDAY, "run-a", 300)
    assert ledger.spent(TODAY) == 0
    assert ledger.spent(YESTERDAY) == 300


def test_booking_forgets_the_days_before_and_no_day_to_come(ledger: DailyLedger, counts: Counts) -> None:
    for days in (-400, -1, 0, 1):
        counts.write(f"{TODAY + timedelta(days=days)}_run-a", 5)
    ledger.book(TODAY, "run-b", 7)
    assert counts.kept == {
        f"{TODAY}_run-a": 5,
        f"{TODAY}_run-b": 7,
        f"{TODAY + timedelta(days=1)}_run-a": 5,
    }


@pytest.mark.parametrize(
    "name", ["1_2026-11-22_run-a", "1_2026-11-23_run-a", "0", "", "people_2026-11-22_run"]
)
def test_a_count_that_is_of_no_day_is_neither_spent_nor_removed(name: str) -> None:
    """Of a connection ``zoho_1``, for example, whose Variables begin with those of ``zoho``."""
    counts = Counts(**{name: 99})
    ledger = DailyLedger(counts)
    ledger.book(TODAY, "run-a", 5)
    assert ledger.spent(TODAY) == 5
    assert counts.kept[name] == 99
