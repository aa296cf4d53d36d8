"""Which units a run fetches when the daily quota is too small for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from zoho_people.api.unit import Unit

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LastFetch:
    """When a unit was last fetched, and how many pages it had."""

    at: datetime
    pages: int


@dataclass(frozen=True, slots=True)
class Choice:
    """The units that a run fetches, what they will cost in requests, and how many are left for another day."""

    units: tuple[Unit, ...]
    requests: int
    postponed: int


def choose(units: Iterable[Unit], history: Mapping[Unit, LastFetch], *, left: int | None) -> Choice:
    """What fits into *left* requests (None: everything), the units longest not fetched first.

    A unit costs as many requests as it had pages when it was last fetched, one where that is unknown.
    """
    planned = list(units)
    if left is not None:
        planned.sort(key=lambda unit: history[unit].at if unit in history else _NEVER)
    chosen, cost = [], 0
    for unit in planned:
        pages = max(1, history[unit].pages) if unit in history else 1
        if left is not None and cost + pages > left:
            continue
        chosen.append(unit)
        cost += pages
    return Choice(tuple(chosen), cost, len(planned) - len(chosen))
