"""Which days have snapshots, and which of them a run compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from zoho_people.storage.layout import COVERAGE, snapshot_day
from zoho_people.storage.store import Store

LOOKS_BACK = 14
"""So many snapshots are looked through for the one that a unit was known in: twice as many as the days in which
everybody is asked once, by default."""


def snapshot_days(store: Store) -> list[date]:
    """The days of which there is coverage, the first one first."""
    found = map(snapshot_day, store.names(COVERAGE))
    return sorted(each for each in found if each is not None)


def earlier_days(days: Sequence[date], day: date) -> list[date]:
    """Those of *days* (in order) that *day* is compared with, the last one first."""
    return [each for each in reversed(days) if each < day][:LOOKS_BACK]


def days_to_compare(
    days: Sequence[date], day: date, told: Mapping[date, bool], *, since: date | None = None
) -> list[date]:
    """Of *days* (in order) *day*, with those whose changes depend on it or were never *told*; none before *since*.

    *told* has the days that were compared, each with whether that was announced.

    Every later day is told against it. An earlier one is told where no later one before *day* was: a snapshot that
    stays incomplete starts nothing by itself, and what it knew first must be told under its day. One that was
    compared as far as its files can be read is left to whoever restores them.
    """
    newest = max((each for each, announced in told.items() if announced and each < day), default=date.min)
    untold = [each for each in earlier_days(days, day) if each > newest and each not in told]
    chosen = [*reversed(untold), *(each for each in days if each >= day)]
    return [each for each in chosen if since is None or each >= since]
