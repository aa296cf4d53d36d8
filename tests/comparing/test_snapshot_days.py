from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.helpers.samples import DAY
from zoho_people.comparing.snapshot_days import LOOKS_BACK, days_to_compare, earlier_days, snapshot_days
from zoho_people.storage.store import Store


def day(number: int) -> date:
    return DAY + timedelta(days=number)


DAYS = [day(number) for number in (0, 1, 2, 3)]


def test_a_snapshot_is_a_day_with_coverage(root: Any) -> None:
    store = Store(root)
    for folder in (*(f"snapshot_date={each}" for each in reversed(DAYS)), "notes", "snapshot_date=today"):
        store.write(f"coverage/{folder}/run-1.parquet", b"")
    assert snapshot_days(store) == DAYS


def test_the_last_snapshot_is_looked_at_first_and_not_all_of_them() -> None:
    days = [day(number) for number in range(40)]
    assert earlier_days(days, day(30)) == [day(number) for number in range(29, 29 - LOOKS_BACK, -1)]


def test_the_days_since_the_last_that_was_told_are_told_too() -> None:
    assert days_to_compare(DAYS, day(3), {day(1): True}) == [day(2), day(3)]


def test_a_day_that_is_told_anew_changes_what_is_told_of_all_later_ones() -> None:
    told = {day(0): True, day(2): True, day(3): True}
    assert days_to_compare(DAYS, day(1), told) == [day(1), day(2), day(3)]


def test_a_day_of_which_files_cannot_be_read_does_not_hide_those_before_and_is_left_alone() -> None:
    assert days_to_compare(DAYS, day(3), {day(0): True, day(2): False}) == [day(1), day(3)]


def test_where_nothing_was_told_yet_the_snapshots_within_reach_are() -> None:
    days = [day(number) for number in range(30)]
    assert days_to_compare(days, day(29), {}) == [day(number) for number in range(29 - LOOKS_BACK, 30)]


def test_what_is_not_kept_is_not_told() -> None:
    assert days_to_compare(DAYS, day(3), {}, since=day(2)) == [day(2), day(3)]
    assert days_to_compare(DAYS, day(1), {}, since=day(4)) == []
