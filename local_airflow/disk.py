"""Whether there is room on the disk."""

import shutil
from pathlib import Path

from local_airflow.problem import DiskProblem

_MIB = 1024 * 1024
# A fresh metadata database, a day of logs and the sample's data take far less; below this SQLite fails mid-run.
RUN_MIB = 300


def require(folder: Path, *, mib: int, purpose: str) -> None:
    """Raise `DiskProblem` unless the file system of `folder` has `mib` MiB free."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(existing).free // _MIB
    if free < mib:
        raise DiskProblem(f"{purpose} needs about {mib} MiB of free disk below {existing}; there are {free}.")
