"""A folder for this process alone, which goes with it."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO

PREFIX = "zoho-people-page-"
_IN_USE = "in-use"
_FORGOTTEN_S = 86_400.0
"""From this age on a folder without a lock is taken as left behind: a new one is locked at once."""


def own_folder() -> Path:
    """A new folder below the one for temporary files; folders that ended processes left there are removed.

    Each process holds a lock on a file in its folder for as long as it runs. A process id would not do:
    containers that share a folder for temporary files don't know each other's processes.
    """
    for other in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_left(other):
            shutil.rmtree(other, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    atexit.register(_give_back, folder, lock(folder))
    return folder


def lock(folder: Path) -> IO[bytes]:
    """A locked file: *folder* is in use until it is closed, or the process ends."""
    file = (folder / _IN_USE).open("wb")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def is_left(folder: Path) -> bool:
    """Whether *folder* is of this user and of a process that is no more."""
    try:
        about = folder.lstat()
        return (
            about.st_uid == os.getuid() and not folder.is_symlink() and not _is_used(folder, about.st_mtime)
        )
    except OSError:  # it can't be told
        return False


def _is_used(folder: Path, changed_at: float) -> bool:
    try:
        with (folder / _IN_USE).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:  # it is about to be locked, or was made before there were locks
        return time.time() - changed_at < _FORGOTTEN_S
    return False


def _give_back(folder: Path, held: IO[bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    held.close()
