from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.helpers.samples import DAY
from zoho_people.comparing.snapshot_days import LOOKS_BACK, days_to_compare, earlier_days, snapshot_days
from zoho_people.storage.store import Store


def day(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def store(root: Any) -> Store:
    store = Store(root)
    for number in (0, 1, 2, 3):
        covered(store, number)
    return store


def covered(store: Store, number: int) -> None:
    store.write(f"coverage/snapshot_date={day(number)}/run-1.parquet", b"")


def told(store: Store, number: int) -> None:
    store.write(f"changes/snapshot_date={day(number)}/course-1.parquet", b"")


def test_a_snapshot_is_a_day_with_coverage(store: Store) -> None:
    store.write("coverage/notes/about.txt", b"")
    store.write("coverage/snapshot_date=today/run-1.parquet", b"")
    assert snapshot_days(store) == [day(0), day(1), day(2), day(3)]


def test_the_last_snapshot_is_looked_at_first_and_not_all_of_them() -> None:
    days = [day(number) for number in range(40)]
    assert earlier_days(days, day(30)) == [day(number) for number in range(29, 29 - LOOKS_BACK, -1)]


def test_the_days_since_the_last_that_was_told_are_told_too(store: Store) -> None:
    told(store, 1)
    assert days_to_compare(store, day(3)) == [day(2), day(3)]


def test_a_day_that_is_told_anew_changes_what_is_told_of_all_later_ones(store: Store) -> None:
    told(store, 0)
    told(store, 3)
    assert days_to_compare(store, day(1)) == [day(1), day(2), day(3)]


def test_where_nothing_was_told_yet_the_snapshots_within_reach_are(store: Store) -> None:
    for number in range(4, 30):
        covered(store, number)
    assert days_to_compare(store, day(29)) == [day(number) for number in range(29 - LOOKS_BACK, 30)]


def test_what_is_not_kept_is_not_told(store: Store) -> None:
    assert days_to_compare(store, day(3), since=day(2)) == [day(2), day(3)]
    assert days_to_compare(store, day(1), since=day(4)) == []
