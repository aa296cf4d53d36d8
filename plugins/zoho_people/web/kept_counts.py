"""The counts of each day of a dataset, kept as small files on this host's disk as long as the day is the same.

They have learners' ids, so nobody else may read them. Those of a day that was published anew are removed as soon
as that is seen: somebody may have been erased from it.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path
from threading import BoundedSemaphore, Lock

from zoho_people.reading.daily_file import write_daily
from zoho_people.storage.layout import PROGRESS
from zoho_people.web.published_files import DATASETS
from zoho_people.web.source import Source, State

AT_ONCE = 2
"""How many days are counted at the same time; each takes as much memory as an open dataset."""


class KeptCounts:
    """Files below *folder*, which is made for their owner alone, one for each day."""

    def __init__(self, folder: Path, *, memory_mb: int) -> None:
        self._folder = folder
        self._memory_mb = memory_mb
        self._days: defaultdict[date, Lock] = defaultdict(Lock)
        self._at_once = BoundedSemaphore(AT_ONCE)

    def known(self, state: State) -> dict[date, Path]:
        """The files of the days of *state* that are counted."""
        return {day: path for day, path in self._paths(state).items() if path.exists()}

    def remove_others(self, state: State) -> None:
        """Remove the files that are not of *state*, which is what there is now."""
        wanted = set(self._paths(state).values())
        for path in self._folder.glob("daily-*.parquet"):
            if path not in wanted:
                path.unlink(missing_ok=True)

    def count(self, source: Source, state: State, day: date, *, threads: int) -> None:
        """Count *day*, unless that is done; who asks for the same day meanwhile waits.

        :raises UnreadableFile: naming the file that can't be read.
        """
        path = self._path(day, state.files.fingerprint(PROGRESS, day))
        files = {**dict.fromkeys(DATASETS, ()), PROGRESS: state.files.paths(PROGRESS, [day])}
        with self._days[day]:
            if path.exists() or not files[PROGRESS]:
                return
            with (
                self._at_once,
                source.dataset.open(
                    files=files, with_questions=False, memory_mb=self._memory_mb, threads=threads
                ) as opened,
            ):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_daily(opened, day, path)

    def remove(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _paths(self, state: State) -> dict[date, Path]:
        return {
            day: self._path(day, fingerprint)
            for day, fingerprint in state.files.fingerprints(PROGRESS).items()
        }

    def _path(self, day: date, fingerprint: str) -> Path:
        return self._folder / f"daily-{day}-{fingerprint}.parquet"
