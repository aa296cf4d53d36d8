"""The environment that every component of one local Airflow runs in.

It starts from what `environment` lets through of the caller's: neither the secrets of a shell nor its settings
for another Airflow get in.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local_airflow import environment, login, project
from local_airflow.login import Login
from local_airflow.port import LOOPBACK
from local_airflow.secrets_file import Secrets

# By this variable the processes of one instance are told from all others of this machine.
MARKER = "LOCAL_AIRFLOW_HOME"
COMPONENT = "LOCAL_AIRFLOW_COMPONENT"

_PACE = {
    "AIRFLOW__API__WORKERS": "1",
    # On the page names are seen by who may edit the DAG: whoever tries it out here has the credentials anyway.
    "AIRFLOW__ZOHO_PEOPLE__NAMES_PERMISSION": "edit_dag",
    # A worker's end is noticed at once; otherwise a task that resumes quickly meets its own last end.
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
}

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")

_WAITS_FOR_WRITERS_S = 90
_API_SERVER_WAITS_S = 10
"""Airflow writes its audit log in the thread that also ends the other requests, and one of these may hold the
database until it has been ended. Then both wait for as long as this. Tasks ask again for half a minute, so none is
lost; 30 tasks that begin together may have to wait for some seconds without anything being wrong."""

_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


@dataclass(frozen=True)
class Configuration:
    """What one instance may differ in; `environment` makes it whole."""

    home: Path
    port: int
    parallelism: int
    dags: Path
    follows_schedules: bool = False

    @property
    def url(self) -> str:
        """The base URL of the UI and the REST API."""
        return f"http://{LOOPBACK}:{self.port}"

    def environment(
        self, secrets: Secrets, extra: Mapping[str, str], user: Login | None = None
    ) -> dict[str, str]:
        """The whole environment of a component; `extra` wins over its pace only, not over what else it is.

        Without a user everybody on this machine may do everything: so then no credentials of the caller's get in.
        """
        inherited = environment.for_airflow if user else environment.for_emulator
        return {
            **inherited(os.environ),
            **_PACE,
            **extra,
            **self._airflow(),
            **self._access(user),
            "AIRFLOW__CORE__FERNET_KEY": secrets.fernet_key,
            # Tokens that were given out without login, or for an earlier password, open nothing.
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.jwt_secret + (user.password if user else ""),
            "AIRFLOW__API__SECRET_KEY": secrets.api_secret_key,
        }

    def own(self, component: str) -> dict[str, str]:
        """What `component` has in its environment for itself."""
        return {_DATABASE: self._database(_API_SERVER_WAITS_S)} if component == "api-server" else {}

    @property
    def temporary(self) -> Path:
        """The folder for temporary files: nothing outlives a start there."""
        return self.home / "tmp"

    def _database(self, waits_s: int) -> str:
        return f"sqlite:///{self.home / 'airflow.db'}?timeout={waits_s}"

    def _access(self, user: Login | None) -> dict[str, str]:
        if user is None:
            return {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True"}
        return {
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{user.user}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(login.path_in(self.home)),
        }

    def _airflow(self) -> dict[str, str]:
        home = self.home
        return {
            "AIRFLOW_HOME": str(home),
            MARKER: str(home),
            # setproctitle would otherwise overwrite the environment that `ps` and `MARKER` are read from.
            "SPT_NOENV": "1",
            "PYTHONPATH": project.AIRFLOWS_PATH,
            "TMPDIR": str(self.temporary),
            # Else each task's log begins with warnings of what Airflow itself imports.
            "PYTHONWARNINGS": "ignore::DeprecationWarning",
            # -- the database: writers wait for each other instead of failing with "database is locked"
            _DATABASE: self._database(_WAITS_FOR_WRITERS_S),
            # The API server answers 40 calls at once, each with a connection: with the default of 15 a burst of
            # starting tasks waits for one, and is refused after 30 s.
            "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "20",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "40",
            # -- folders
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(project.PLUGINS),
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            # What Airflow makes with modes of its own instead of those of the process.
            "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
            "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
            # -- the API server: this machine only
            "AIRFLOW__CORE__AUTH_MANAGER": "local_auth_manager.LocalAuthManager",
            "AIRFLOW__API__HOST": LOOPBACK,
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
            # Looking up a full host name takes seconds where DNS is slow; nothing here needs one.
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            # -- the scheduler
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": str(self.parallelism),
            # Beyond the 30 slots of the pool, or Airflow's default of 16 would be the limit instead of the pool.
            "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "64",
            # A killed scheduler leaves running tasks behind; its successor looks for them this often (not 300 s).
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
            # Unpausing a daily DAG may start a run at once; here only those who want it have schedules.
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": str(self.follows_schedules),
            # -- the DAG processor: one small DAG folder; how often a file is parsed again stays Airflow's 30 s,
            # since every parse takes a second of a processor from the tasks that start just then
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        }
