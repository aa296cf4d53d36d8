"""Where a file comes from: the regular file at a path or URL, or those in a folder."""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs

from zoho_people.storage.brought_file.errors import BroughtFileUnreachable, InvalidBroughtFile, named_errors

_HIDDEN = ("_", ".")
"""How the names begin of what Spark and others leave beside their part files, such as ``_SUCCESS``."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file; ``name`` is None where it is the only one, ``size`` where it is not known."""

    fs: Any
    path: str
    size: int | None
    name: str | None = None

    def opened(self) -> io.RawIOBase:
        """The file's bytes.

        :raises InvalidBroughtFile: when it is gone, or another kind of file by now.
        :raises BroughtFileUnreachable: when it can't be opened now, and while it is read.
        """
        with named_errors():
            return _NamedErrors(
                _open_local(self.path) if _is_local(self.fs) else self.fs.open(self.path, "rb")
            )


def parts_of(source: Any) -> list[Part]:
    """The files at *source*: a path, a URL, a ``UPath`` or ``ObjectStoragePath``.

    In a folder those whose names don't begin with ``_`` or ``.``, in the order of their names.

    :raises InvalidBroughtFile: when there is none, or something that is neither file nor folder.
    :raises BroughtFileUnreachable: when it can't be looked at now.
    """
    fs, path = _resolved(source)
    with named_errors():
        found = _info(fs, path)
        if found["type"] != "directory":
            return [Part(fs, path, _size_of(found))]
        entries = {entry["name"].rstrip("/").rpartition("/")[2]: entry for entry in fs.ls(path, detail=True)}
        names = sorted(name for name in entries if name and not name.startswith(_HIDDEN))
        return [_part(fs, path, entries[name]["name"], name) for name in names] or _refuse(
            "the folder has no files"
        )


def no_way(error: Exception, *, label: str = "file") -> InvalidBroughtFile:
    """What is wrong with the path or URL of a file that is called *label*: nothing can be opened by it."""
    return InvalidBroughtFile(
        f"there is no way to its path or URL ({type(error).__name__}); check the URL's scheme, and that the "
        "provider of that storage and the connection named in it are there",
        label=label,
    )


def _resolved(source: Any) -> tuple[Any, str]:
    try:
        return (source.fs, source.path) if hasattr(source, "path") else url_to_fs(str(source))
    except Exception as error:
        raise no_way(error) from error


def _part(fs: Any, folder: str, path: str, name: str) -> Part:
    if _is_local(fs) and not Path(path).resolve().is_relative_to(Path(folder).resolve()):
        raise InvalidBroughtFile(
            "it is a link that leads out of its folder; put the file itself there", part=name
        )
    found = _info(fs, path)
    if found["type"] == "directory":
        raise InvalidBroughtFile("it is a folder in a folder; put all files into one", part=name)
    return Part(fs, path, _size_of(found), name)


def _info(fs: Any, path: str) -> dict[str, Any]:
    """What is at *path*, which is not opened for it: a FIFO would wait for its writer."""
    found = dict(fs.info(path))
    return found if found["type"] in ("file", "directory") else _refuse_odd()


def _size_of(found: dict[str, Any]) -> int | None:
    size = found.get("size")
    return int(size) if size is not None else None


def _is_local(fs: Any) -> bool:
    return bool(getattr(fs, "local_file", False))


def _open_local(path: str) -> io.FileIO:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # it may be another one by now
        os.close(descriptor)
        _refuse_odd()
    return os.fdopen(descriptor, "rb", buffering=0)


def _refuse_odd() -> Any:
    _refuse("it is a device, a pipe or a socket; give a regular file, or a folder of files")


def _refuse(reason: str) -> Any:
    raise InvalidBroughtFile(reason)


class _NamedErrors(io.RawIOBase):
    """*file*, with what goes wrong by our names."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def readinto(self, buffer: Any) -> int:
        with named_errors():
            found = self._file.read(len(buffer))
            if found is None:
                raise BroughtFileUnreachable(BlockingIOError())
        buffer[: len(found)] = found
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with named_errors():
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
