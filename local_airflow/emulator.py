"""The Zoho People emulator of `include/zoho_emulator` as a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from local_airflow import environment, project
from local_airflow import port as ports
from local_airflow.problem import ComponentProblem
from local_airflow.text import last_lines

_READY_S = 30.0


def command(
    port: int, *, courses: int, learners: int, seed: int, extra: Sequence[str] = ()
) -> tuple[str, ...]:
    """The command line that runs an emulator; it needs `include/` on its PYTHONPATH."""
    options = {"--port": port, "--courses": courses, "--learners": learners, "--seed": seed}
    flat = (str(part) for option in options.items() for part in option)
    return (sys.executable, "-m", "zoho_emulator", *flat, *extra)


def url_at(port: int) -> str:
    """The emulator's address on this machine."""
    return f"http://{ports.LOOPBACK}:{port}"


class EmulatorControl:
    """The control routes of a running emulator."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def organisation(self) -> Any:
        """Its courses and learners."""
        return self._get("/_emulator/organisation")

    def stats(self) -> Any:
        """How many requests it has seen, in all and in the last window."""
        return self._get("/_emulator/stats")

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            httpx.get(f"{self.url}/_emulator/stats", timeout=10, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            return False
        return True

    def close(self) -> None:
        """Close the connections to it."""
        self._http.close()

    def _get(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()


class LocalEmulator:
    """An emulator for as long as the `with` block, or this process, lives; port 0 takes any free one."""

    def __init__(
        self,
        port: int = 0,
        *,
        courses: int = 2,
        learners: int = 3,
        seed: int = 7,
        window_seconds: float | None = None,
        threshold: int | None = None,
        lock_seconds: float | None = None,
        extra_args: Sequence[str] = (),
        log: Path | None = None,
    ) -> None:
        self.port = port or ports.any_free()
        self.url = url_at(self.port)
        self.control = EmulatorControl(self.url)
        limits = {
            "--window-seconds": window_seconds,
            "--threshold": threshold,
            "--lock-seconds": lock_seconds,
        }
        given = [str(part) for name, value in limits.items() if value is not None for part in (name, value)]
        self._command = command(
            self.port, courses=courses, learners=learners, seed=seed, extra=[*given, *extra_args]
        )
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and return when it answers."""
        with (self._log or Path(os.devnull)).open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local_airflow.leash", *self._command],
                env=environment.for_emulator(os.environ)
                | {"PYTHONPATH": os.pathsep.join(map(str, (project.INCLUDE, project.ROOT)))},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_up(self._process)

    def stop(self) -> None:
        """Stop it and return when it is gone."""
        process, self._process = self._process, None
        self.control.close()
        if process is None:
            return
        process.terminate()
        process.wait()
        if process.stdin:
            process.stdin.close()

    def _wait_until_up(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + _READY_S
        while not self.control.is_up():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                log = last_lines(self._log) if self._log else "    (give `log=` to keep its output)"
                raise ComponentProblem(f"The emulator did not start on port {self.port}.\n{log}")
            time.sleep(0.2)
