"""The files of a dataset as they are now: what is cached of them holds as long as they are the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zoho_people.storage.store import Store

_MARKS = ("ETag", "etag", "md5", "mtime", "LastModified", "last_modified", "updated", "created")
"""Under which names file systems tell that a file is another one, the surest first."""


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A Parquet file: its path below the output path, and what tells it from an earlier one of that name."""

    path: str
    mark: str

    @property
    def day(self) -> date | None:
        """The snapshot date in its path."""
        return _day(self.path)


@dataclass(frozen=True)
class PublishedFiles:
    """Files by path."""

    files: Mapping[str, PublishedFile]

    @classmethod
    def below(cls, store: Store, *folders: str) -> PublishedFiles:
        """All Parquet files in *folders*, at any depth."""
        listed = _listed_local if store.is_local else _listed_remote
        found = (PublishedFile(path, mark) for folder in folders for path, mark in listed(store, folder))
        return cls({file.path: file for file in sorted(found, key=lambda file: file.path)})

    @property
    def fingerprint(self) -> str:
        """Another one as soon as any file is another."""
        text = "\n".join(f"{file.path}\t{file.mark}" for file in self.files.values())
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def days(self) -> list[date]:
        """The snapshot dates, the latest first."""
        return sorted({day for file in self.files.values() if (day := file.day)}, reverse=True)


def _listed_local(store: Store, folder: str) -> Iterator[tuple[str, str]]:
    """A walk with one system call a file."""
    folders = [store.full(folder)]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except (FileNotFoundError, NotADirectoryError):  # removed since
            continue
        for entry in entries:
            if entry.is_dir():
                folders.append(entry.path)
            elif _is_data(entry.name):
                try:
                    stat = entry.stat()
                except FileNotFoundError:
                    continue
                yield entry.path[len(store.root) + 1 :], f"{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"


def _listed_remote(store: Store, folder: str) -> Iterator[tuple[str, str]]:
    store.fs.invalidate_cache()
    found: Mapping[str, Mapping[str, Any]] = store.fs.find(store.full(folder), detail=True)
    for path, info in found.items():
        if _is_data(path.rpartition("/")[2]):
            marks = [str(info[name]) for name in _MARKS if info.get(name)]
            yield path[len(store.root) + 1 :], "-".join([str(info.get("size")), *marks[:2]])


def _is_data(name: str) -> bool:
    return name.endswith(".parquet") and not name.startswith(("_", "."))


def _day(path: str) -> date | None:
    for part in path.split("/"):
        if part.startswith("snapshot_date="):
            try:
                return date.fromisoformat(part.removeprefix("snapshot_date="))
            except ValueError:
                return None
    return None
