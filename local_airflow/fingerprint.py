"""Whether a running Airflow was started from the project as it is now.

Airflow's components import the package once and keep it, so code that was edited needs a restart.
"""

import hashlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path


def of(folders: Iterable[Path], env: Mapping[str, str]) -> str:
    """A digest of every Python file below the folders, of the environment and of Airflow's version."""
    digest = hashlib.sha256(version("apache-airflow-core").encode())
    for name, value in sorted(env.items()):
        digest.update(f"{name}={value}\0".encode())
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{path}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()
