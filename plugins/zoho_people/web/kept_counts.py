"""The counts of each day of a dataset, kept as small files on this host's disk as long as the day is the same.

They have learners' ids, so nobody else may read them. Those of a day that was published anew are removed as soon
as that is seen: somebody may have been erased from it.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from threading import Lock

from zoho_people.reading.daily import write_daily
from zoho_people.storage.layout import PROGRESS
from zoho_people.web.source import Source, State


class KeptCounts:
    """Files below *folder*, which is made for their owner alone, one for each day."""

    def __init__(self, folder: Path, *, memory_mb: int) -> None:
        self._folder = folder
        self._memory_mb = memory_mb
        self._lock = Lock()

    def known(self, state: State) -> dict[date, Path]:
        """Those of the days of *state*, as far as they are counted; what is of no use any more is removed."""
        paths = {day: self._path(day, mark) for day, mark in state.files.fingerprints(PROGRESS).items()}
        wanted = set(paths.values())
        for path in self._folder.glob("daily-*.parquet"):
            if path not in wanted:
                path.unlink(missing_ok=True)
        return {day: path for day, path in paths.items() if path.exists()}

    def count(self, source: Source, state: State, day: date, *, threads: int) -> None:
        """Count *day*, unless that is done.

        :raises UnreadableFile: naming the file that can't be read.
        """
        path = self._path(day, state.files.fingerprint(PROGRESS, day))
        with self._lock:
            if path.exists() or not state.files.paths(PROGRESS, [day]):
                return
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            files = {PROGRESS: state.files.paths(PROGRESS, [day])}
            with source.dataset.open(files=files, memory_mb=self._memory_mb, threads=threads) as opened:
                write_daily(opened, day, path)

    def remove(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, day: date, fingerprint: str) -> Path:
        return self._folder / f"daily-{day}-{fingerprint}.parquet"
