"""An API server of Airflow's by itself: for what is asked of it alone, without scheduler and triggerer."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from local_airflow import port as ports
from local_airflow import private
from local_airflow.port import LOOPBACK
from local_airflow.problem import ComponentProblem
from local_airflow.text import last_lines

STARTED_S = 300.0
_STOP_S = 30.0
_POLL_S = 0.5


class ApiServer:
    """One that serves the database of *environment*, on a port of its own.

    *roles* has the role of each who may sign in, all with one *password*.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *, roles: Mapping[str, str], password: str
    ) -> None:
        number = ports.any_free()
        self.url = f"http://{LOOPBACK}:{number}"
        self._log = folder / "api-server.log"
        self._password = password
        passwords = folder / "passwords.json"
        private.write(passwords, json.dumps(dict.fromkeys(roles, password)))
        self._environment = {
            **environment,
            "AIRFLOW__API__PORT": str(number),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
                f"{name}:{role}" for name, role in roles.items()
            ),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id."""
        if self._process is None:
            raise ComponentProblem("the API server does not run")
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text(errors="replace")

    def client(self, user: str | None) -> httpx.Client:
        """A browser: with the cookie that signing in gives, or as a stranger."""
        cookies = {} if user is None else {"_token": self._token(user)}
        return httpx.Client(base_url=self.url, cookies=cookies, timeout=600, trust_env=False)

    def _token(self, user: str) -> str:
        signing_in = {"username": user, "password": self._password}
        answer = httpx.post(f"{self.url}/auth/token", json=signing_in, timeout=600, trust_env=False)
        return str(answer.raise_for_status().json()["access_token"])

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "airflow", "api-server"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                umask=private.UMASK,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + STARTED_S
        while time.monotonic() < deadline:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/api/v2/monitor/health", trust_env=False).is_success:
                    return
            time.sleep(_POLL_S)
        raise ComponentProblem(
            f"The API server does not answer. The end of its log:\n{last_lines(self._log)}"
        )

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
