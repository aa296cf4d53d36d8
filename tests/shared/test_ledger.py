from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from zoho_people.shared.ledger import DailyLedger, ProcessCount

TODAY = date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


class Counts:
    """Counts in memory."""

    def __init__(self, **kept: int) -> None:
        self.kept = dict(kept)
        self.looked_at: list[str] = []

    def all(self) -> list[str]:
        return list(self.kept)

    def read(self, name: str) -> int:
        self.looked_at.append(name)
        return self.kept.get(name, 0)

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
    ledger.book("run-a", {TODAY: 300}, today=TODAY)
    ledger.book("run-b", {TODAY: 40}, today=TODAY)
    assert ledger.spent(TODAY) == 340


def test_a_run_that_settles_replaces_what_it_had_booked(ledger: DailyLedger) -> None:
    ledger.book("run-a", {TODAY: 300}, today=TODAY)
    ledger.book("run-b", {TODAY: 40}, today=TODAY)
    ledger.book("run-a", {TODAY: 12}, today=TODAY)
    assert ledger.spent(TODAY) == 52
    ledger.book("run-a", {TODAY: 0}, today=TODAY)
    assert ledger.spent(TODAY) == 40


def test_a_run_may_leave_itself_out(ledger: DailyLedger) -> None:
    ledger.book("run-a", {TODAY: 300}, today=TODAY)
    ledger.book("run-b", {TODAY: 40}, today=TODAY)
    assert ledger.spent(TODAY, apart_from="run-a") == 40
    assert ledger.spent(TODAY, apart_from="run-c") == 340


@pytest.mark.parametrize(("mine", "other"), [("run", "run-1"), ("run-1", "run"), ("", "run"), ("a_b", "b")])
def test_a_run_is_not_taken_for_another_of_a_similar_name(ledger: DailyLedger, mine: str, other: str) -> None:
    ledger.book(mine, {TODAY: 5}, today=TODAY)
    ledger.book(other, {TODAY: 7}, today=TODAY)
    assert ledger.spent(TODAY, apart_from=mine) == 7


def test_a_new_day_begins_with_nothing_spent(ledger: DailyLedger) -> None:
    ledger.book("run-a", {YESTERDAY: 300}, today=YESTERDAY)
    assert ledger.spent(TODAY) == 0
    assert ledger.spent(YESTERDAY) == 300


def test_each_day_has_what_was_booked_for_it(ledger: DailyLedger) -> None:
    ledger.book("run-a", {YESTERDAY: 7, TODAY: 300, TOMORROW: 40}, today=TODAY)
    assert [ledger.spent(day) for day in (YESTERDAY, TODAY, TOMORROW)] == [0, 300, 40]


def test_what_a_run_had_booked_for_later_days_is_replaced_too(ledger: DailyLedger) -> None:
    ledger.book("run-a", {TODAY: 300, TOMORROW: 40}, today=TODAY)
    ledger.book("run-b", {TOMORROW: 5}, today=TODAY)
    ledger.book("run-a", {TODAY: 310}, today=TODAY)
    assert (ledger.spent(TODAY), ledger.spent(TOMORROW)) == (310, 5)


def test_only_what_is_counted_is_read(ledger: DailyLedger, counts: Counts) -> None:
    """Each look costs a call to Airflow's API."""
    ledger.book("run-a", {TODAY: 300, TOMORROW: 40}, today=TODAY)
    counts.looked_at.clear()
    ledger.spent(TODAY, apart_from="run-b")
    ledger.book("run-b", {TODAY: 1}, today=TODAY)
    assert counts.looked_at == [f"{TODAY}_run-a"]


class TestAProcess:
    AT = datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC).timestamp()

    def test_counts_each_request_for_the_day_on_which_it_was_sent(self, ledger: DailyLedger) -> None:
        process = ProcessCount(ledger)
        for seconds in (-60.0, 0.0):
            process.add(self.AT + seconds)
        assert ledger.spent(TODAY) == 2
        process.add(self.AT + 1.0)
        assert ledger.spent(TOMORROW) == 1

    def test_overwrites_neither_another_process_nor_a_run(self, ledger: DailyLedger) -> None:
        ledger.book("run-a", {TODAY: 300}, today=TODAY)
        for _ in range(2):
            ProcessCount(ledger).add(self.AT)
        assert ledger.spent(TODAY) == 302


def test_booking_forgets_the_days_before_and_no_day_to_come(ledger: DailyLedger, counts: Counts) -> None:
    for days in (-400, -1, 0, 1):
        counts.write(f"{TODAY + timedelta(days=days)}_run-a", 5)
    ledger.book("run-b", {TODAY: 7}, today=TODAY)
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
    ledger.book("run-a", {TODAY: 5}, today=TODAY)
    assert ledger.spent(TODAY) == 5
    assert counts.kept[name] == 99
