"""Files and folders that only their owner can read."""

import os
import shutil
import stat
from pathlib import Path

from local_airflow.problem import OwnerProblem

UMASK = 0o077


def make_folder(path: Path) -> None:
    """The folder, made with what is missing above it; one that is there is closed to others."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def make_own_folder(path: Path, *, user: int | None = None) -> None:
    """The same in a place where anybody may make folders; raises `OwnerProblem` for one of somebody else's.

    `user` is the id of the one that it must belong to: by default of who runs this.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != (os.getuid() if user is None else user):
        raise OwnerProblem(
            f"{path} is not a folder of your own. Remove it, or set TMPDIR to a folder of yours."
        )
    path.chmod(0o700)


def make_empty_folder(path: Path) -> None:
    """The folder without whatever was in it."""
    shutil.rmtree(path, ignore_errors=True)
    make_folder(path)


def write(path: Path, text: str) -> None:
    """The file, whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
