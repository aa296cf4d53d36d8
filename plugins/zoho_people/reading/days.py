"""The days of snapshots, and which of them somebody means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from zoho_people.reading.errors import NoDataset, NoSuchDay, UnknownParameter
from zoho_people.storage.layout import LEARNERS, PROGRESS, snapshot_day

LATEST: Literal["latest"] = "latest"

_ELSE = {LEARNERS: " and learners_root (names may be kept elsewhere or nowhere)"}

Day = date | str
"""A day, as a date or as text ``YYYY-MM-DD``; or :data:`LATEST`."""


def parse_day(value: Day) -> date:
    """*value* as a day.

    :raises UnknownParameter: when it is none.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise UnknownParameter(f"{str(value)[:80]!r} is no day; write YYYY-MM-DD, or {LATEST}") from None


def snapshot_of(wanted: Day, days: Sequence[date], dataset: str = PROGRESS) -> date:
    """The one of *days* of a *dataset*, the newest first, that is meant by *wanted*.

    :raises UnknownParameter: when it is no day.
    :raises NoDataset: when there are no days.
    :raises NoSuchDay: when it is none of them.
    """
    day = None if wanted == LATEST else parse_day(wanted)
    if not days:
        raise NoDataset(
            f"there is no {dataset}; check the output path (the folder that has {PROGRESS})"
            f"{_ELSE.get(dataset, '')}, or wait for the first run"
        )
    if day is not None and day not in days:
        raise NoSuchDay(day, days)
    return day or days[0]


def day_of_path(path: str) -> date | None:
    """The day whose snapshot the file at *path* belongs to."""
    return next(filter(None, map(snapshot_day, path.split("/"))), None)
