"""Which days were compared and announced: ``_state/changes.json``. A day without changes has no file of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import date

from zoho_people.storage.layout import TOLD_FILE
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)


class ToldDays(Mapping[date, bool]):
    """The days below the output path of *store* that were compared, each with whether that was announced.

    Airflow announces what a task says when the task succeeds. So a day is noted at the end, and taken out before
    it is compared anew: a task that ends half-way leaves it to the next one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._days = _read(store)

    def __getitem__(self, day: date) -> bool:
        return self._days[day]

    def __iter__(self) -> Iterator[date]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)

    def take_out(self, days: Collection[date]) -> None:
        """Forget that *days* were compared: they are about to be compared anew."""
        if not self._days.keys().isdisjoint(days):
            self._write({day: announced for day, announced in self._days.items() if day not in days})

    def note(self, days: Mapping[date, bool], *, kept: Collection[date]) -> None:
        """Note *days*, and whether each was announced; days that are not among those *kept* are dropped."""
        if days:
            self._write({day: told for day, told in (self._days | dict(days)).items() if day in kept})

    def _write(self, days: dict[date, bool]) -> None:
        noted = {day.isoformat(): announced for day, announced in sorted(days.items())}
        self._store.write(TOLD_FILE, json.dumps(noted, indent=1).encode())
        self._days = days


def _read(store: Store) -> dict[date, bool]:
    """What was noted; nothing, with a warning, where it can't be read: days are then told once more."""
    try:
        noted = json.loads(store.read(TOLD_FILE))
        return {date.fromisoformat(day): announced is True for day, announced in noted.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        log.warning("%s can't be read: days that were told may be told once more", TOLD_FILE)
        return {}
