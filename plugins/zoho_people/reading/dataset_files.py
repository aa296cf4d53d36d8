"""What is published below one output path: which files there are, and of which days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from zoho_people.reading.days import LATEST, Day, day_of_path, snapshot_of
from zoho_people.reading.errors import UnreachableFiles
from zoho_people.storage.day_folders import day_folders
from zoho_people.storage.layout import (
    COVERAGE,
    DAY_FOLDER,
    LEARNERS,
    PROGRESS,
    TYPE_FOLDER,
)
from zoho_people.storage.store import Store

_FILE = ".parquet"
COMPARED_DAYS = 4
"""How many days, itself included, a day's files are counted against; how many of the newest may be the latest."""


@dataclass(frozen=True, slots=True)
class DatasetFiles:
    """The files below an output path; ``learners_store`` has the dataset ``learners``, perhaps elsewhere."""

    store: Store
    learners_store: Store

    @classmethod
    def at(
        cls,
        output_path: Any,
        *,
        learners_root: Any = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> Self:
        """What is published below *output_path*: a path, a URL, a ``UPath`` or Airflow's ``ObjectStoragePath``.

        :param learners_root: where the deployer keeps the learners' names, if not below the output path.
        :param storage_options: credentials and the like, as fsspec takes them; none for a path that has its own.
        :raises UnreachableFiles: when no file system can be opened for it.
        """
        store = _store(output_path, storage_options)
        own = store if learners_root is None else _store(learners_root, storage_options)
        return cls(store, own)

    def store_of(self, dataset: str) -> Store:
        """Where the files of *dataset* are."""
        return self.learners_store if dataset == LEARNERS else self.store

    def days(self, dataset: str = PROGRESS) -> list[date]:
        """The days of which *dataset* has a snapshot, the newest first."""
        with reached():
            return sorted({day for day, _ in self._folders(dataset)}, reverse=True)

    def snapshots(self) -> list[date]:
        """The days of which there is a snapshot, the newest first.

        Those of the coverage count, too: a day on which nobody had anything has no other file.
        """
        return sorted({*self.days(PROGRESS), *self.days(COVERAGE)}, reverse=True)

    def day(self, snapshot_date: Day = LATEST) -> date:
        """The snapshot that is meant by *snapshot_date*.

        :raises UnknownParameter: when it is no day.
        :raises NoDataset: when there is none at all.
        :raises NoSuchDay: when there is not that one.
        """
        days = self.snapshots()
        return self.latest(days) if snapshot_date == LATEST and days else snapshot_of(snapshot_date, days)

    def latest(self, days: Sequence[date]) -> date:
        """The newest of *days* that is about the organisation.

        A run that was asked for a few courses, on a day without another run, makes a snapshot of these alone. So a
        day is passed over that has less than half as many files of progress as one of the few days before it.
        """
        return latest_of(days, self._file_counts(days[: 2 * COMPARED_DAYS]))

    def partial_days(self) -> list[date]:
        """The days of which there is a snapshot of a part of the organisation, see :meth:`latest`."""
        days = self.snapshots()
        return partial_of(days, self._file_counts(days))

    def _file_counts(self, days: Sequence[date]) -> Counter[date]:
        """How many files of progress there are of each of *days*."""
        wanted = set(days)
        is_few = self.store.is_local or len(days) <= 2 * COMPARED_DAYS
        with reached():
            if not is_few:  # one list of all costs less than one for each folder
                return Counter(filter(None, map(day_of_path, self.store.files(PROGRESS))))
            return Counter(
                day
                for day, folder in self._folders(PROGRESS)
                if day in wanted
                for name in self.store.names(folder)
                if name.endswith(_FILE)
            )

    def has_files(self, dataset: str) -> bool:
        """Whether there is any file of *dataset*."""
        store = self.store_of(dataset)
        with reached():
            folders = sorted(self._folders(dataset), reverse=True)
            return any(name.endswith(_FILE) for _, folder in folders for name in store.names(folder))

    def patterns(self) -> list[tuple[date, str]]:
        """Each day of progress with a pattern for its files; a day has several where that saves listing."""
        with reached():
            folders = sorted(self._folders(PROGRESS))
            if not self.store.is_local:
                return [(day, f"{folder}/*{_FILE}") for day, folder in folders]
            full = {day for day, folder in folders if self._has_file(folder)}
        return [(day, f"{PROGRESS}/{TYPE_FOLDER}*/{DAY_FOLDER}{day}/*{_FILE}") for day in sorted(full)]

    def _has_file(self, folder: str) -> bool:
        return any(name.endswith(_FILE) for name in self.store.names(folder))

    def _folders(self, dataset: str) -> Iterator[tuple[date, str]]:
        return day_folders(self.store_of(dataset), dataset)


def latest_of(days: Sequence[date], counts: Mapping[date, int]) -> date:
    """The latest of *days*, the newest first, see :meth:`DatasetFiles.latest`; *counts* has the files of each."""
    partial = partial_of(days[: 2 * COMPARED_DAYS], counts)
    return next((day for day in days[:COMPARED_DAYS] if day not in partial), days[0])


def partial_of(days: Sequence[date], counts: Mapping[date, int]) -> list[date]:
    """Those of *days*, the newest first, with less than half as many files as one of the few days before them."""
    numbers = [counts.get(day, 0) for day in days]
    return [
        day
        for place, day in enumerate(days)
        if 2 * numbers[place] < max(numbers[place : place + COMPARED_DAYS])
    ]


def _store(root: Any, storage_options: Mapping[str, Any] | None) -> Store:
    try:
        return Store(root, storage_options=storage_options)
    except Exception as error:
        raise UnreachableFiles(
            f"there is no way to the path or URL ({type(error).__name__}); check how it begins, and that "
            "the package for that storage is installed"
        ) from error


@contextmanager
def reached() -> Iterator[None]:
    """Errors of the file system by our name. Their texts may hold URLs with secrets: left out."""
    try:
        yield
    except Exception as error:
        raise UnreachableFiles(
            f"the files can't be listed now ({type(error).__name__}); check the path and the credentials, and try "
            "again"
        ) from error
