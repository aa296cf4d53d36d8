"""Which days have snapshots, and which of them a run compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from zoho_people.storage.layout import COVERAGE, snapshot_day
from zoho_people.storage.store import Store

LOOKS_BACK = 14
"""How many earlier snapshots are searched for the last one in which a unit was known: twice as many as the days in
which, by default, everybody is fetched once."""


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
    """Those of *days* (in order) to compare: *day*, all later ones, and earlier ones that never were.

    *told* has the days that were compared, each with whether that was announced. No day before *since* is chosen.

    A later day is compared anew: its changes depend on *day*. An earlier day is compared unless one between it and
    *day* was announced: an incomplete snapshot starts no comparison, and what it was the first to know has to be
    told under its own day. A day that was compared as far as files can be read is left to whoever restores them.
    """
    newest = max((each for each, announced in told.items() if announced and each < day), default=date.min)
    untold = [each for each in earlier_days(days, day) if each > newest and each not in told]
    chosen = [*reversed(untold), *(each for each in days if each >= day)]
    return [each for each in chosen if since is None or each >= since]
