"""An instant that several processes move later, and that none of them moves back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from zoho_people.shared.text import SharedText

_LATEST = 4e9
"""The year 2096: what is beyond it is no number of seconds since the epoch."""

MOST_WRITES = 5
"""How often a process writes what it knows over what others write before it leaves it at that."""


class SharedInstant:
    """Seconds since the epoch in the text ``{"<name>": <seconds>}``; 0 where there is none.

    The text knows no compare-and-set: a process that read it before another wrote may write an earlier instant
    after it. So each looks again when those writes are over (*wait_for_others* returns then), and writes once more
    while an earlier instant stands there.
    """

    def __init__(self, store: SharedText, name: str, *, wait_for_others: Callable[[], None]) -> None:
        self._store = store
        self._name = name
        self._wait_for_others = wait_for_others

    def get(self) -> float:
        """The instant; 0 where the text is missing or nobody's, or tells an instant that is on no calendar."""
        try:
            return instant_in(json.loads(self._store.load() or "{}"), self._name)
        except (ValueError, AttributeError):
            return 0.0

    def move_to(self, instant: float) -> float:
        """Move it to *instant*, unless it is later already; the one that now holds, to the millisecond."""
        mine = round(instant, 3)
        for _ in range(MOST_WRITES):
            known = self.get()
            if known >= mine:
                return known
            self._write(mine)
            self._wait_for_others()
        return max(mine, self.get())

    def begin(self) -> None:
        """Have a text where there is none, since looking for one that is missing costs twice."""
        if self._store.load() is None:
            self._write(0.0)

    def _write(self, instant: float) -> None:
        self._store.save(json.dumps({self._name: instant}))


def instant_in(kept: Mapping[str, Any], name: str) -> float:
    """The instant *name* of a JSON object; 0 where it has none, or one that is on no calendar."""
    value: Any = kept.get(name)
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _LATEST
    return float(value) if known else 0.0
