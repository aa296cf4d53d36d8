"""The published files as they are now. What is kept of them holds as long as their fingerprints are the same."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from zoho_people.reading.days import day_of_path
from zoho_people.reading.relations import SCHEMAS
from zoho_people.storage.store import Store

DATASETS = tuple(SCHEMAS)
_VERSIONS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")
"""The names under which file systems have what changes with a file's content, the surest first."""

_CLOCK_TICK_S = 2.0
"""A folder that changed so shortly before may change again within the same tick of its clock."""

_FOLDER_S = 60.0
"""How long a folder that shows no change is believed: files that are written over in place don't show in it."""

_REMOTE_S = 10.0
"""How long the list of an object store is good: it costs a request for each thousand files."""


class PublishedFile(NamedTuple):
    """A Parquet file: its path below the root, and what tells it from an earlier one of that name."""

    path: str
    fingerprint: str
    dataset: str
    day: date | None

    @classmethod
    def at(cls, path: str, fingerprint: str) -> PublishedFile:
        """The file at *path*, which names its dataset and its day."""
        dataset, _, _ = path.partition("/")
        return cls(path, fingerprint, dataset, day_of_path(path))


@dataclass(frozen=True)
class PublishedFiles:
    """The files of all datasets, by dataset and day."""

    by_day: Mapping[str, Mapping[date, tuple[PublishedFile, ...]]]

    @classmethod
    def of(cls, files: Iterable[PublishedFile]) -> PublishedFiles:
        """*files*, put in order."""
        found: dict[str, dict[date, list[PublishedFile]]] = {}
        for file in files:
            if file.day is not None:
                found.setdefault(file.dataset, {}).setdefault(file.day, []).append(file)
        return cls(
            {
                dataset: {day: tuple(sorted(each)) for day, each in days.items()}
                for dataset, days in found.items()
            }
        )

    def fingerprint(self, dataset: str, day: date) -> str:
        """Differs as soon as any file of the day does; the same fingerprint means the same rows."""
        files = self.by_day.get(dataset, {}).get(day, ())
        return _digest(f"{file.path}\t{file.fingerprint}" for file in files)

    def fingerprints(self, dataset: str) -> dict[date, str]:
        """Those of all days, the latest first."""
        return {day: self.fingerprint(dataset, day) for day in self.days(dataset)}

    @property
    def whole(self) -> str:
        """The fingerprint of everything."""
        each = (f"{name}{self.fingerprints(name)}" for name in sorted(self.by_day))
        return _digest(each)

    def days(self, *datasets: str) -> list[date]:
        """The snapshot dates of *datasets*, the latest first."""
        return sorted({day for dataset in datasets for day in self.by_day.get(dataset, ())}, reverse=True)

    def fingerprint_of(self, path: str) -> str | None:
        """The fingerprint of the file at *path*; None where there is none."""
        named = PublishedFile.at(path, "")
        of_days: Mapping[Any, tuple[PublishedFile, ...]] = self.by_day.get(named.dataset, {})
        return next((file.fingerprint for file in of_days.get(named.day, ()) if file.path == path), None)

    def without(self, paths: Collection[str]) -> PublishedFiles:
        """All but *paths*."""
        every = (file for days in self.by_day.values() for files in days.values() for file in files)
        return PublishedFiles.of(file for file in every if file.path not in paths)

    def paths(self, dataset: str, days: Iterable[date]) -> list[str]:
        """The paths of *dataset* on *days*."""
        of_days = self.by_day.get(dataset, {})
        return [file.path for day in days for file in of_days.get(day, ())]


@dataclass
class Listing:
    """Lists what is published below *store*, and reads a folder again only where it may have changed.

    A rename puts files in place, and changes the time of their folder: the lists of other folders still hold.
    """

    store: Store
    now_s: Callable[[], float] = time.time
    _folders: dict[str, _Folder] = field(default_factory=dict)
    _remote: list[PublishedFile] | None = None
    _remote_at_s: float = 0.0

    def files(self, *datasets: str) -> list[PublishedFile]:
        """Those of *datasets* now."""
        if self.store.is_local:
            return [file for dataset in datasets for file in self._below(self.store.full(dataset))]
        if self._remote is None or self.now_s() - self._remote_at_s >= _REMOTE_S:
            self._remote_at_s = self.now_s()
            self._remote = [file for each in datasets for file in _listed(self.store, each)]
        return self._remote

    def _below(self, path: str) -> Iterator[PublishedFile]:
        try:
            changed_ns = os.stat(path).st_mtime_ns  # noqa: PTH116 (a path a folder)
            folder = self._folders.get(path)
            if folder is None or not folder.holds(changed_ns, self.now_s()):
                folder = self._folders[path] = self._look(path, changed_ns)
        except (FileNotFoundError, NotADirectoryError):  # or removed since
            self._folders.pop(path, None)
            return
        yield from folder.files
        for each in folder.folders:
            yield from self._below(each)

    def _look(self, path: str, changed_ns: int) -> _Folder:
        found = _Folder(changed_ns, self.now_s(), [], [])
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir():
                    found.folders.append(entry.path)
                elif _is_data(entry.name):
                    stat = entry.stat()
                    fingerprint = f"{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"
                    found.files.append(PublishedFile.at(entry.path[len(self.store.root) + 1 :], fingerprint))
        return found


@dataclass(frozen=True, slots=True)
class _Folder:
    """What was in a folder at *looked_s*, which was last changed at *changed_ns*."""

    changed_ns: int
    looked_s: float
    files: list[PublishedFile]
    folders: list[str]

    def holds(self, changed_ns: int, now_s: float) -> bool:
        """Whether it still is so at *now_s*, the folder having been changed at *changed_ns*."""
        was_at_rest = self.looked_s - self.changed_ns / 1e9 >= _CLOCK_TICK_S
        return was_at_rest and changed_ns == self.changed_ns and 0 <= now_s - self.looked_s < _FOLDER_S


def _listed(store: Store, folder: str) -> Iterator[PublishedFile]:
    store.fs.invalidate_cache()
    found: Mapping[str, Mapping[str, Any]] = store.fs.find(store.full(folder), detail=True)
    for path, info in found.items():
        if _is_data(path.rpartition("/")[2]):
            yield PublishedFile.at(path[len(store.root) + 1 :], info_fingerprint(info))


def info_fingerprint(info: Mapping[str, Any]) -> str:
    """The fingerprint of a file, of the *info* that its file system has of it."""
    versions = [str(info[name]) for name in _VERSIONS if info.get(name)]
    return "-".join([str(info.get("size")), *versions[:2]])


def _is_data(name: str) -> bool:
    return name.endswith(".parquet") and not name.startswith(("_", "."))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
