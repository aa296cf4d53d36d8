"""The datasets that the page shows, kept open as long as their files stay the same and somebody looks at them."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Lock, Thread, Timer

from zoho_people.reading.dataset_files import reached
from zoho_people.reading.days import LATEST, snapshot_of
from zoho_people.reading.errors import ReadingError, UnreadableFile
from zoho_people.reading.opened import OpenDataset
from zoho_people.storage.brought_file import BroughtFileUnreachable, InvalidBroughtFile
from zoho_people.storage.layout import PROGRESS
from zoho_people.web.kept_source import MEMORY_MB, KeptSource, OpenDay, Unreadable
from zoho_people.web.kept_tables import keep_tables
from zoho_people.web.own_folder import own_folder
from zoho_people.web.source import Source, State
from zoho_people.web.view import View

log = logging.getLogger(__name__)

THREADS = 2
MOST_OPEN = 2
"""How many days of one output path are open at once."""

MOST_SOURCES = 3
"""How many output paths are kept at once."""

IDLE_S = 3_600.0
"""How long what nobody looks at stays open, and its counts on the disk."""


def aside(work: Callable[[], None]) -> None:
    """Do *work* in a thread of its own, which does not keep the process alive."""
    Thread(target=work, name="zoho-people-page", daemon=True).start()


class Keeper:
    """Opens each dataset once for all who ask for it, and anew as soon as a file has changed.

    *in_background* runs what nobody waits for. Counts are kept below *folder*, which is removed at the end.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        in_background: Callable[[Callable[[], None]], None] = aside,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder or own_folder()
        self._in_background = in_background
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[str, KeptSource] = {}

    @contextmanager
    def view(self, source: Source, snapshot_date: str) -> Iterator[View]:
        """The tables of *source* as of *snapshot_date*, for one request.

        :raises ReadingError: when there is no such snapshot, or nothing can be read.
        """
        kept = self._kept_of(source)
        day = _day(self._state(source, kept), snapshot_date)
        with kept.opening[day]:
            # It may have been published anew while this waited.
            state = self._state(source, kept)
            found = self._opened(source, kept, state, _day(state, day.isoformat()))
        try:
            with found.opened.cursor() as cursor:
                yield self._view(cursor, found, state, day)
        finally:
            with kept.lock:
                found.readers -= 1
                found.close_unused()

    def state(self, source: Source) -> State:
        """What *source* has now."""
        return self._state(source, self._kept_of(source))

    def leave_out(self, source: Source, error: UnreadableFile) -> bool:
        """Leave out the file that *error* names until it changes; False where it is already, or is gone."""
        kept = self._kept_of(source)
        fingerprint = kept.files().fingerprint_of(error.path)
        with kept.lock:
            known = kept.unreadable.get(error.path)
            if fingerprint is None or (known and known.fingerprint == fingerprint):
                return False
            kept.unreadable[error.path] = Unreadable(fingerprint, str(error))
            return True

    def forget_idle(self) -> None:
        """Close, and remove from the disk, what nobody has looked at for long."""
        with self._lock:
            idle = [key for key, kept in self._kept.items() if self._clock() - kept.used_at >= IDLE_S]
            gone = [self._kept.pop(key) for key in idle]
            if self._kept:
                _later(IDLE_S / 4, self.forget_idle)
        for kept in gone:
            kept.remove()

    def close(self) -> None:
        """Close all, and leave nothing on the disk."""
        with self._lock:
            gone = list(self._kept.values())
            self._kept.clear()
        for kept in gone:
            kept.remove()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kept_of(self, source: Source) -> KeptSource:
        gone = []
        with self._lock:
            kept = self._kept.pop(source.key, None)
            if kept is None:
                if not self._kept:
                    _later(IDLE_S / 4, self.forget_idle)
                elif len(self._kept) >= MOST_SOURCES:
                    gone.append(self._kept.pop(next(iter(self._kept))))
                kept = KeptSource.of(source, self._folder / source.key)
            self._kept[source.key] = kept  # as the latest
            kept.used_at = self._clock()
        for each in gone:
            each.remove()
        return kept

    @staticmethod
    def _state(source: Source, kept: KeptSource) -> State:
        with reached():
            files, brought_along = kept.files(), source.brought_along()
        with kept.lock:
            kept.unreadable = {
                path: known
                for path, known in kept.unreadable.items()
                if files.fingerprint_of(path) == known.fingerprint
            }
            unreadable = {path: known.why for path, known in kept.unreadable.items()}
            kept.newest = State(files, brought_along).without(unreadable)
            return kept.newest

    def _opened(self, source: Source, kept: KeptSource, state: State, day: date) -> OpenDay:
        """The open tables of *day* for one more reader, opened now if they are not.

        *day* itself is counted first; of other days there is what is counted by now.
        """
        kept.counts.count(source, state, day, threads=THREADS)
        kept.counts.remove_others(kept.newest or state)
        counted = kept.counts.known(state)
        self._count_the_rest(source, kept, state, day, counted)
        with kept.lock:
            found = kept.by_day.get(day)
            if found is not None and found.is_current(state, counted, may_lack_days=kept.is_counting):
                kept.by_day.move_to_end(day)
                found.readers += 1
                return found
        found = self._open(source, state, day, counted)
        found.readers = 1
        with kept.lock:
            kept.retire(day)
            kept.by_day[day] = found
            while len(kept.by_day) > (0 if kept.is_gone else MOST_OPEN):
                kept.retire(next(iter(kept.by_day)))
        return found

    @classmethod
    def _open(cls, source: Source, state: State, day: date, counted: Mapping[date, Path]) -> OpenDay:
        try:
            return cls._open_with(source, state, day, counted)
        except (InvalidBroughtFile, BroughtFileUnreachable) as error:
            # Progress is known without the files that people bring along.
            found = cls._open_with(replace(source, people=None, deadlines=None), state, day, counted)
            found.warning = f"{error}; until then nobody's department and no due date is known"
            return found

    @staticmethod
    def _open_with(source: Source, state: State, day: date, counted: Mapping[date, Path]) -> OpenDay:
        opened = source.dataset.open(
            people=source.people,
            deadlines=source.deadlines,
            limits=source.limits,
            daily=counted,
            files=state.files_of(day),
            memory_mb=MEMORY_MB,
            threads=THREADS,
        )
        try:
            keep_tables(opened, day)
        except BaseException:
            opened.close()
            raise
        return OpenDay(opened, state.fingerprint, frozenset(counted))

    def _count_the_rest(
        self, source: Source, kept: KeptSource, state: State, day: date, counted: Collection[date]
    ) -> None:
        """Have the other days counted, the latest first, while nobody waits for them."""
        missing = [each for each in state.files.days(PROGRESS) if each not in counted]
        with kept.lock:
            if not missing or kept.is_counting:
                return
            kept.is_counting = True

        def count() -> None:
            try:
                for each in sorted(missing, key=lambda other: (other > day, -other.toordinal())):
                    kept.counts.count(source, state, each, threads=1)
            except UnreadableFile as error:
                self.leave_out(source, error)
            except (ReadingError, OSError) as error:
                log.warning("A day of progress could not be counted (%s)", type(error).__name__)
            finally:
                kept.is_counting = False

        self._in_background(count)

    @staticmethod
    def _view(cursor: OpenDataset, found: OpenDay, state: State, day: date) -> View:
        before = [each for each in state.files.days(PROGRESS) if each <= day]
        uncounted = [each for each in before if each not in found.counted]
        since = min((each for each in before if not uncounted or each > uncounted[0]), default=day)
        return View(
            cursor,
            state,
            day,
            since,
            pending_days=len(uncounted),
            warnings=tuple(filter(None, [*state.unreadable.values(), found.warning])),
            answers=found.answers,
        )


def _day(state: State, snapshot_date: str) -> date:
    """The day of *state* that is meant.

    :raises ReadingError: when there is none.
    """
    is_latest = snapshot_date == LATEST and state.snapshots
    return state.latest if is_latest else snapshot_of(snapshot_date, state.snapshots)


def _later(seconds: float, work: Callable[[], None]) -> None:
    timer = Timer(seconds, work)
    timer.daemon = True
    timer.start()
