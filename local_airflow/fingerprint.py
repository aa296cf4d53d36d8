"""Whether a running Airflow was started from the project as it is now.

Airflow's components import the package once and keep it, so code that was edited needs a restart.
"""

import hashlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path


def of(files: Iterable[Path], folders: Iterable[Path], env: Mapping[str, str]) -> str:
    """A digest of the files, of every Python file below the folders, of the environment and of Python."""
    digest = hashlib.sha256(sys.version.encode())
    for name, value in sorted(env.items()):
        digest.update(f"{name}={value}\0".encode())
    sources = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    for path in (*files, *sources):
        digest.update(f"{path}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
