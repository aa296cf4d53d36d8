"""Becomes one component of Airflow: `python -m local_airflow.component <name> <command…>`.

Before that it ends what a killed predecessor of the same name left behind: executor workers and tasks outlive a
scheduler that was killed, and would go on beside those of its successor.
"""

import os
import sys
from pathlib import Path

from local_airflow import environment, processes, project
from local_airflow.configuration import COMPONENT, COMPONENTS, MARKER


def main(name: str, *command: str) -> None:
    """Clear up, then replace this process by `command`; never returns."""
    processes.end_instance(Path(os.environ[MARKER]), component=name, patience_s=0)
    # Only Airflow needs Airflow's keys and the credentials.
    inherited = os.environ if name in COMPONENTS else environment.for_emulator(os.environ)
    own = {COMPONENT: name, MARKER: os.environ[MARKER], "PYTHONPATH": project.AIRFLOWS_PATH}
    os.execve(command[0], command, {**inherited, **own})  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
