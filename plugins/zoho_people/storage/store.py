"""Files under one output path, on a local disk or in any object store that fsspec knows.

A file comes into being whole or not at all:

* on a local disk it is written under a temporary name in the scratch folder, flushed to the disk and moved
  over the old one with one rename;
* in an object store it is written to a local temporary file and uploaded when it is complete, because
  leaving fsspec's ``open(..., "wb")`` with an exception still commits what was written so far.

The scratch folder is under ``_staging``, so that a reader who lists the dataset at any moment, or after a
crash, sees finished files only.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from fsspec.core import url_to_fs

from zoho_people.storage.layout import STAGING

_AZURE = {"abfs", "abfss", "az"}


class Store:
    """The files below *root*; every path given to a method is relative to it, with ``/`` between the parts.

    *root* is a ``upath.UPath`` or Airflow's ``ObjectStoragePath`` (anything with ``fs`` and ``path``), or a
    local path or URL that fsspec understands, with *storage_options*.
    """

    def __init__(
        self,
        root: Any,
        scratch: str = f"{STAGING}/_tmp",
        *,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        has_files = hasattr(root, "fs")
        self.fs, self.root = (
            (root.fs, root.path) if has_files else url_to_fs(str(root), **(storage_options or {}))
        )
        self.root = str(self.root).rstrip("/")
        self.scratch = scratch

    @property
    def is_local(self) -> bool:
        """Whether a rename replaces a file atomically here."""
        return bool(getattr(self.fs, "local_file", False))

    def full(self, path: str) -> str:
        """*path* as the file system wants it."""
        return f"{self.root}/{path}"

    def exists(self, path: str) -> bool:
        """Whether there is a file."""
        self._forget_listings(path)
        return bool(self.fs.isfile(self.full(path)))

    def names(self, folder: str) -> list[str]:
        """The sorted names of files and folders in *folder*; none when there is no such folder."""
        self._forget_listings(folder)
        try:
            found = self.fs.ls(self.full(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(name.rstrip("/").rpartition("/")[2] for name in found)

    def files(self, folder: str = "") -> list[str]:
        """The sorted paths of all files in *folder*, at any depth; none when there is no such folder."""
        self._forget_listings(folder)
        found = self.fs.find(self.full(folder).rstrip("/"))
        return sorted(str(path).removeprefix(f"{self.root}/") for path in found)

    def modified(self, path: str) -> datetime:
        """When the file was last written; fsspec tells that in UTC, with or without saying so.

        :raises FileNotFoundError: when there is no such file.
        """
        moment: datetime = self.fs.modified(self.full(path))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment

    def read(self, path: str) -> bytes:
        """The whole content.

        :raises FileNotFoundError: when there is no such file.
        """
        content: bytes = self.fs.cat_file(self.full(path))
        return content

    def open(self, path: str) -> Any:
        """A seekable binary file to read from.

        :raises FileNotFoundError: when there is no such file.
        """
        if self.is_local:
            return pa.OSFile(self.full(path), mode="rb")
        self._forget_listings(path)
        return self.fs.open(self.full(path), "rb")

    def write(self, path: str, content: bytes) -> None:
        """Replace the file as a whole."""
        with self.replacing(path) as temporary:
            temporary.write_bytes(content)

    @contextmanager
    def replacing(self, path: str) -> Iterator[Path]:
        """A local temporary file to write; it becomes *path* when the block ends without an error."""
        with self._temporary() as temporary:
            yield temporary
            if self.is_local:
                _move(temporary, Path(self.full(path)))
            else:
                self._upload(temporary, path)

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens when there is none."""
        with suppress(FileNotFoundError):
            self.fs.rm_file(self.full(path))

    def delete_tree(self, folder: str) -> None:
        """Remove a folder with all that is in it; nothing happens when there is none."""
        self._forget_listings(folder)
        with suppress(FileNotFoundError):
            self.fs.rm(self.full(folder), recursive=True)

    def is_older(self, folder: str, moment: datetime) -> bool:
        """Whether there are files in *folder*, at any depth, and all were written before *moment*."""
        files = self.files(folder)
        try:
            return bool(files) and all(self.modified(path) < moment for path in files)
        except FileNotFoundError:
            return False

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        if not self.is_local:
            with tempfile.TemporaryDirectory(prefix="zoho-people-") as private:  # nobody else may look in
                yield Path(private) / "upload"
            return
        folder = Path(self.full(self.scratch))
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"_{uuid.uuid4().hex}"
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def _upload(self, source: Path, path: str) -> None:
        protocol = self.fs.protocol
        protocols = {protocol} if isinstance(protocol, str) else set(protocol)
        # Azure's put_file refuses to replace a blob unless it is told to; the others know no such option.
        options = {"overwrite": True} if protocols & _AZURE else {}
        self.fs.put_file(str(source), self.full(path), **options)
        self._forget_listings(path)

    def _forget_listings(self, path: str) -> None:
        self.fs.invalidate_cache(self.full(path).rpartition("/")[0])
        self.fs.invalidate_cache(self.full(path))


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    _flush(source)
    source.replace(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    """Have the file (or the folder's entries) on the disk, so that a power loss can't undo it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
