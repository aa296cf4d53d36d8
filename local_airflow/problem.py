"""What stops the local runner, in words for the person at the terminal.

Problem
├── SettingsProblem    airflow_settings.yaml or .env says something impossible: correct the file
├── OwnerProblem       somebody else made a folder that must be one's own: remove it
├── PortProblem        a port that was asked for is taken: choose another
├── DiskProblem        too little room: make some
├── ComponentProblem   a part of Airflow does not start or keeps dying: read its log
└── ApiProblem         Airflow's REST API refused a call: `status` and `detail` say why
"""


class Problem(Exception):
    """The base of all; its text is printed as it is, without a traceback."""


class SettingsProblem(Problem):
    """A settings file has an unknown key, a missing one or an impossible value."""


class OwnerProblem(Problem):
    """A folder that must be one's own is somebody else's."""


class PortProblem(Problem):
    """The port that was asked for is taken."""


class DiskProblem(Problem):
    """There is too little room on the disk."""


class ComponentProblem(Problem):
    """A component does not start, does not get healthy or keeps dying."""


class ApiProblem(Problem):
    """Airflow's REST API refused a call."""

    def __init__(self, message: str, *, status: int, detail: str) -> None:
        super().__init__(f"{message}: {status} {detail}")
        self.status = status
        self.detail = detail
