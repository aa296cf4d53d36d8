"""The virtual environments of the contenders that are no part of this project: `python -m benchmarks.peers.venvs`.

Each has its own, since their pins and this project's exclude each other. The requirement files pin every version;
`uv pip compile --universal --python-version 3.11 --generate-hashes` wrote them from what their first line names.
"""

from __future__ import annotations

import sys
from pathlib import Path

from local_airflow.venv import Venv

HERE = Path(__file__).resolve().parent
NAMES = ("dlt", "airbyte")


def venv(name: str) -> Venv:
    """The environment of one contender."""
    return Venv(HERE, folder=f".venv-{name}")


def requirements(name: str) -> str:
    """The file that pins it."""
    return f"requirements-{name}.txt"


if __name__ == "__main__":
    sys.exit(max(venv(name).bring_in_step(requirements(name)) for name in NAMES))
