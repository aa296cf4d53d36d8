"""The requests of the last window, which every task writes down before it sends, so that none is one too many.

A pool slot keeps the pace while the task that holds it lives. One that is killed, cleared or marked by hand gives
its slot away at once; its request stays written down here, and whoever gets the slot waits for it.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

log = logging.getLogger(__name__)

LATE_S = 5.0
"""How much later than written down a request may be sent; past that it is written down anew."""

CLOCKS_APART_S = 0.25
"""How much longer than a window a request counts after its answer: so far the workers' clocks may be apart."""

_SHORT_WAIT_S = 3.5
"""For so long a request waits for its turn while it is written down."""

_FORGOTTEN_AFTER_S = 10.0
"""How long a request that counts no more is kept: longer than hosts' clocks differ."""

_BELIEVED_FACTOR = 10
"""How many times as long, and as far ahead, as a process's own request another's may be: time-outs may differ."""

_WORTH_A_WORD_S = 5.0
"""A wait this long means a lost slot; a shorter one, that Airflow was quick to pass a slot on."""


class SharedNames(Protocol):
    """Names that every process of the installation can list; what was added before a call of *all* is in it."""

    def all(self) -> list[str]:
        """The names that are there."""

    def add(self, name: str) -> None:
        """Add one."""

    def remove(self, name: str) -> None:
        """Remove one; nothing where it is not there."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that counts from *start* until *end*, in milliseconds since the epoch; *key* tells it from others.

    While it is on its way nobody knows when it arrives: then *end* is later than it will be.
    """

    start: int
    end: int
    key: str

    @property
    def name(self) -> str:
        """The request as a name."""
        return f"{self.start}_{self.end}_{self.key}"

    @classmethod
    def parse(cls, name: str) -> SentRequest | None:
        """The request that *name* tells of; None where it tells of none."""
        match = _NAME.fullmatch(name)
        return cls(int(match["start"]), int(match["end"]), match["key"]) if match else None


class SentRequests:
    """At most *limit* requests count at any instant, and so no window of *window_s* seconds holds more.

    A request counts from its sending until a window after its answer; one that is on its way until a window after
    *longest_s* seconds. Names know no compare-and-set: each process writes its own request down and looks at the
    others' afterwards, so of two that write at one moment at least one sees the other. Who sees too many waits for
    room beside all of them where that takes a moment; else it gives way and comes again. What is far ahead or
    counts for very long was written by a wrong clock or a person: it is not believed, and removed.

    *dice* tells a number from 0 to 1. A process has one request at a time.
    """

    def __init__(
        self,
        names: SharedNames,
        *,
        limit: int,
        window_s: float,
        longest_s: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        dice: Callable[[], float],
    ) -> None:
        self._names = names
        self._limit = limit
        self._window_ms = _ms(window_s)
        self._on_its_way_ms = _ms(window_s + longest_s + LATE_S)
        self._clock = clock
        self._sleep = sleep
        self._dice = dice
        self._mine: SentRequest | None = None
        self._turn = 0
        self._outdated: list[SentRequest] = []

    def reserve(self, at: float) -> float:
        """Write down a request of the instant *at*, or of the first one after it that has room; that instant.

        One that is written down already and can still be sent in time is left as it is.
        """
        mine = self._mine
        if mine is not None and _ms(self._clock()) <= mine.start + _ms(LATE_S):
            return self._turn / 1000.0
        self.withdraw()
        wanted = start = _ms(max(at, self._clock()))
        while (free_at := self._write(start)) > start + _ms(_SHORT_WAIT_S):
            self.withdraw()
            self._sleep(self._dice())
            start = max(free_at, _ms(self._clock()))
        self._turn = free_at
        self._tell(wanted, free_at)
        return free_at / 1000.0

    def withdraw(self) -> None:
        """Forget the request that is written down: it is not sent."""
        mine, self._mine = self._mine, None
        if mine is not None:
            self._names.remove(mine.name)

    def answered(self, at: float) -> None:
        """The request that is written down was answered or failed at *at*; some that count no more are removed."""
        mine, self._mine = self._mine, None
        if mine is None:
            return
        self._names.add(replace(mine, end=_ms(at + CLOCKS_APART_S) + self._window_ms).name)
        self._names.remove(mine.name)
        self._forget()

    def _forget(self) -> None:
        """Remove one that counts no more, as each request leaves one; two where more than a window's are left."""
        for _ in range(2 if len(self._outdated) > self._limit else min(1, len(self._outdated))):
            outdated = self._outdated.pop(int(self._dice() * len(self._outdated)) - 1)
            self._names.remove(outdated.name)

    def _write(self, start: int) -> int:
        """Write down a request of *start*, and look when there is room for it."""
        mine = SentRequest(start, start + self._on_its_way_ms, uuid.uuid4().hex[:12])
        self._names.add(mine.name)
        known = [request for request in map(SentRequest.parse, self._names.all()) if request is not None]
        others = [request for request in known if request.key != mine.key]
        believed = [request for request in others if self._is_believed(request)]
        outdated_at = _ms(self._clock() - _FORGOTTEN_AFTER_S)
        self._outdated = [each for each in others if each.end < outdated_at or not self._is_believed(each)]
        self._mine = mine
        return room_at(_as_answered(believed), start, limit=self._limit)

    def _is_believed(self, request: SentRequest) -> bool:
        most_ms = _BELIEVED_FACTOR * self._on_its_way_ms
        return request.start <= _ms(self._clock()) + most_ms and request.end - request.start <= most_ms

    def _tell(self, wanted: int, start: int) -> None:
        if start - wanted < _ms(_WORTH_A_WORD_S):
            return
        log.warning(
            "%d requests of the last %g s are known, and some hold no slot any more: a task was killed, cleared "
            "or marked before its %g s were over. Nothing is sent before %s UTC, so that Zoho sees no more.",
            self._limit,
            self._window_ms / 1000.0,
            self._window_ms / 1000.0,
            datetime.fromtimestamp(start / 1000.0, UTC).strftime("%H:%M:%S"),
        )


def written_down(names: SharedNames) -> list[SentRequest]:
    """The requests that are written down, each once: those of the last window, and a few of before."""
    return _as_answered(request for request in map(SentRequest.parse, names.all()) if request is not None)


def room_at(requests: Sequence[SentRequest], start: int, *, limit: int) -> int:
    """The first instant from *start* on, from which never more than *limit* - 1 of *requests* count."""
    instants = {start, *(request.start for request in requests if request.start > start)}
    free_at = start
    for instant in instants:
        ends = sorted(request.end for request in requests if request.start <= instant < request.end)
        if len(ends) >= limit:
            free_at = max(free_at, ends[len(ends) - limit])
    return free_at


def _as_answered(requests: Iterable[SentRequest]) -> list[SentRequest]:
    """*requests*, each once: where it was answered, it is written down a second time, with its true end."""
    by_key: dict[str, SentRequest] = {}
    for request in requests:
        known = by_key.get(request.key)
        if known is None or request.end < known.end:
            by_key[request.key] = request
    return list(by_key.values())


def _ms(seconds: float) -> int:
    return round(seconds * 1000.0)


_NAME = re.compile(r"(?P<start>[0-9]{13})_(?P<end>[0-9]{13})_(?P<key>[0-9a-f]{12})", re.ASCII)
