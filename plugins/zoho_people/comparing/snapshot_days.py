"""Which days have snapshots, and which of them a run compares."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from zoho_people.storage.layout import CHANGES, COVERAGE, snapshot_day
from zoho_people.storage.store import Store

LOOKS_BACK = 14
"""So many snapshots are looked through for the one that a unit was known in: twice as many as the days in which
everybody is asked once, by default."""


def snapshot_days(store: Store) -> list[date]:
    """The days of which there is coverage, the first one first."""
    return _days(store, COVERAGE)


def earlier_days(days: Sequence[date], day: date) -> list[date]:
    """Those of *days* (in order) that *day* is compared with, the last one first."""
    return [each for each in reversed(days) if each < day][:LOOKS_BACK]


def days_to_compare(store: Store, day: date, *, since: date | None = None) -> list[date]:
    """*day*, with the days whose changes depend on it or were never told; none before *since*.

    Every later day is told against it. An earlier one is told where no later one before *day* was: a snapshot that
    stays incomplete starts nothing by itself, and what it knew first must be told under its day.
    """
    days = snapshot_days(store)
    told = max((each for each in _days(store, CHANGES) if each < day), default=date.min)
    untold = [each for each in earlier_days(days, day) if each > told]
    chosen = [*reversed(untold), *(each for each in days if each >= day)]
    return [each for each in chosen if since is None or each >= since]


def _days(store: Store, dataset: str) -> list[date]:
    found = map(snapshot_day, store.names(dataset))
    return sorted(each for each in found if each is not None)
