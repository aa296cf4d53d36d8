"""supervisord, which starts the components, keeps their logs and starts again what died.

One supervisord per instance, on a Unix socket that only its owner may open; its configuration is written anew at
every start. `Supervisor` talks to a running one.
"""

import hashlib
import os
import shlex
import sys
import tempfile
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from local_airflow import private

# Unix sockets have names of at most 103 (macOS) or 107 bytes, and supervisord binds "<name>.<pid>" first.
_LONGEST_SOCKET = 90


@dataclass(frozen=True)
class Program:
    """One component to keep running."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it has beside what it inherits; whoever may read supervisord's configuration reads this, too."""

    def section(self, logs: Path) -> str:
        """This component's part of supervisord's configuration."""
        wrapped = (sys.executable, "-m", "local_airflow.component", self.name, *self.command)
        return (
            f"[program:{self.name}]\n"
            f"command={_escaped(shlex.join(wrapped))}\n"
            f"stdout_logfile={_escaped(str(logs / self.name))}.log\n"
            "stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=2\nredirect_stderr=true\n"
            "autorestart=true\nstartsecs=5\nstartretries=3\n"
            f"umask={private.UMASK:03o}\n{_environment(self.environment)}"
            "stopsignal=TERM\nstopwaitsecs=8\nstopasgroup=true\nkillasgroup=true\n"
        )


@dataclass(frozen=True)
class ProgramState:
    """How a component is: `pid` is 0 when it doesn't run; `given_up` when supervisord starts it no more."""

    name: str
    pid: int
    state: str
    description: str
    log: Path

    @property
    def given_up(self) -> bool:
        """Whether it died so often right after its start that it is left dead."""
        return self.state == "FATAL"


def configuration(programs: Iterable[Program], *, home: Path, socket: Path, root: Path) -> str:
    """supervisord.conf for these programs; `root` is where `local_airflow` is imported from."""
    logs = logs_folder(home)
    header = (
        f"[unix_http_server]\nfile={_escaped(str(socket))}\nchmod=0700\n\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n\n"
        f"[supervisord]\nnodaemon=true\nsilent=true\nlogfile={_escaped(str(logs / 'supervisord.log'))}\n"
        f"logfile_maxbytes=10MB\nlogfile_backups=1\npidfile={_escaped(str(home / 'supervisord.pid'))}\n"
        f"directory={_escaped(str(home))}\n{_environment({'PYTHONPATH': str(root)})}"
    )
    if os.getuid() == 0:
        header += "user=root\n"
    return "\n".join([header, *(program.section(logs) for program in programs)])


def logs_folder(home: Path) -> Path:
    """Where the components' own logs are (the tasks' logs are in `logs/`)."""
    return home / "components"


def socket_path(home: Path) -> Path:
    """supervisord's socket: in the instance's home, or in a short private folder where that name is too long.

    Raises `OwnerProblem` where that folder is somebody else's, who could listen there in supervisord's place.
    """
    inside = home / "supervisord.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
        return inside
    folder = Path(tempfile.gettempdir()) / f"local-airflow-{os.getuid()}"
    private.make_own_folder(folder)
    return folder / f"{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}.sock"


class Supervisor:
    """A client of the supervisord behind `socket`."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def is_reachable(self) -> bool:
        """Whether a supervisord answers."""
        try:
            self._call("getState")
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def states(self) -> dict[str, ProgramState]:
        """Every component by its name."""
        return {state.name: state for state in map(_program_state, self._call("getAllProcessInfo"))}

    def shut_down(self) -> None:
        """Ask it to stop all components and itself; returns at once."""
        self._call("shutdown")

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def _program_state(info: dict[str, Any]) -> ProgramState:
    return ProgramState(
        name=str(info["name"]),
        pid=int(info["pid"]),
        state=str(info["statename"]),
        description=str(info["description"] or info["spawnerr"]),
        log=Path(info["stdout_logfile"]),
    )


def _environment(variables: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in variables.items())
    return f"environment={pairs}\n" if pairs else ""


def _escaped(text: str) -> str:
    """`%` begins an expansion in supervisord's configuration."""
    return text.replace("%", "%%")
