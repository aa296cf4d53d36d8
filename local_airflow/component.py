"""Becomes one component of Airflow: `python -m local_airflow.component <name> <command…>`.

Before that it ends what a killed predecessor of the same name left behind: executor workers and tasks outlive a
scheduler that was killed, and would go on beside those of its successor.
"""

import os
import sys
from pathlib import Path

from local_airflow import processes, project
from local_airflow.configuration import COMPONENT, MARKER


def main(name: str, *command: str) -> None:
    """Clear up, then replace this process by `command`; never returns."""
    processes.end_instance(Path(os.environ[MARKER]), component=name, patience_s=0)
    environment = {**os.environ, COMPONENT: name, "PYTHONPATH": str(project.INCLUDE)}
    os.execve(command[0], command, environment)  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
