"""Which days were told: ``_state/changes.json``. The changes can't say it, since most days may have none."""

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

    What a task says is announced when it succeeds. So a day is noted at the end, and one that is compared anew is
    taken out before: a task that is ended half-way leaves it to the next one.
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
        """Forget that *days* were told: they are about to be told anew."""
        if not self._days.keys().isdisjoint(days):
            self._write({day: announced for day, announced in self._days.items() if day not in days})

    def note(self, days: Mapping[date, bool], *, kept: Collection[date]) -> None:
        """Note *days*, and whether each was announced; none stays that is not among those *kept*."""
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
