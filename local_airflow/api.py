"""Airflow's REST API, as far as the runner, the tests and the benchmarks use it."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from local_airflow.login import Login
from local_airflow.problem import ApiProblem, Problem
from local_airflow.settings import Settings

_PAGE = 500
_POLL_S = 1.0
_ANSWER_WITHIN_S = 120

_UNAUTHORIZED = 401
_NOT_FOUND = 404
_DATABASE_ERROR = "Database error"
FINISHED = frozenset({"success", "failed"})

Json = dict[str, Any]


class AirflowApi:
    """A client of one Airflow; fetches its token itself, and again when it has run out."""

    def __init__(self, url: str, login: Login | None = None) -> None:
        self.url = url
        self._login = login
        self._http = httpx.Client(base_url=url, timeout=_ANSWER_WITHIN_S, trust_env=False)

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.close()

    # -- any call

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One authenticated call of `/api/v2<path>`; raises `ApiProblem` for any answer but 2xx.

        What the server's database refused is asked for once more: nothing came of it. With SQLite two requests may
        wait for each other, see `configuration`.
        """
        answer = self._send(method, path, **options)
        if answer.is_server_error and _DATABASE_ERROR in answer.text:
            answer = self._send(method, path, **options)
        if answer.status_code == _UNAUTHORIZED:
            self._http.headers.pop("Authorization", None)
            answer = self._send(method, path, **options)
        if not answer.is_success:
            raise ApiProblem(f"{method} {path}", status=answer.status_code, detail=answer.text[:2000])
        return answer

    def get(self, path: str, **query: Any) -> Json:
        """The JSON object behind a GET."""
        answer: Json = self.call("GET", path, params=query).json()
        return answer

    def health(self) -> Json:
        """What Airflow says of its components; raises `httpx.HTTPError` while the server is not up."""
        answer: Json = self._http.get("/api/v2/monitor/health", timeout=10).raise_for_status().json()
        return answer

    # -- runs

    def wait_for_dag(self, dag_id: str, *, timeout_s: float = 90) -> Json:
        """The DAG's details once it is parsed; raises with the DAG folder's import errors when it never is."""
        details: Json = {}

        def is_parsed() -> bool:
            try:
                details.update(self.get(f"/dags/{dag_id}/details"))
            except ApiProblem as problem:
                if problem.status != _NOT_FOUND:
                    raise
                return False
            return True

        if not _until(is_parsed, timeout_s):
            errors = "\n".join(
                str(each["stack_trace"]) for each in self.get("/importErrors")["import_errors"]
            )
            raise Problem(f"Airflow found no DAG {dag_id} within {timeout_s:.0f} s.\n{errors}")
        return details

    def pause_dag(self, dag_id: str, *, paused: bool) -> None:
        """Pause or unpause a DAG."""
        self.call("PATCH", f"/dags/{dag_id}", json={"is_paused": paused})

    def trigger_dag(self, dag_id: str, conf: Mapping[str, Any], run_id: str | None = None) -> str:
        """Start a run as soon as the DAG is parsed, unpausing it; the run's id."""
        if self.wait_for_dag(dag_id)["is_paused"]:
            self.pause_dag(dag_id, paused=False)
        body = {"logical_date": None, "conf": dict(conf)} | ({"dag_run_id": run_id} if run_id else {})
        return str(self.call("POST", f"/dags/{dag_id}/dagRuns", json=body).json()["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> Json:
        """One run with its state, conf and dates."""
        return self.get(f"/dags/{dag_id}/dagRuns/{run_id}")

    def runs(self, dag_id: str, *, states: tuple[str, ...] = ()) -> list[Json]:
        """The DAG's runs, newest first."""
        return list(self._all(f"/dags/{dag_id}/dagRuns", "dag_runs", state=states, order_by="-run_after"))

    def wait_for_run(self, dag_id: str, run_id: str, timeout_s: float, *, poll_s: float = _POLL_S) -> str:
        """The state in which the run ended, 'success' or 'failed'; raises when it runs for longer.

        Airflow is asked every *poll_s* seconds, which costs it some 30 ms each time.
        """
        if not _until(lambda: self.run(dag_id, run_id)["state"] in FINISHED, timeout_s, poll_s):
            raise Problem(f"The run {run_id} of {dag_id} has not ended within {timeout_s:.0f} s.")
        return str(self.run(dag_id, run_id)["state"])

    # -- tasks

    def wait_for_tasks(self, dag_id: str, run_id: str, state: str, *, least: int, timeout_s: float) -> None:
        """Return when at least so many task instances of the run are in that state."""
        if not _until(lambda: self.count_tasks(dag_id, run_id, state) >= least, timeout_s):
            raise Problem(f"Fewer than {least} tasks of {run_id} are {state} after {timeout_s:.0f} s.")

    def task_instances(self, dag_id: str, run_id: str) -> list[Json]:
        """Every task instance of a run, mapped ones one by one."""
        return list(self._all(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances", "task_instances"))

    def count_tasks(self, dag_id: str, run_id: str, *states: str) -> int:
        """How many task instances of a run are in one of the states (in any, when none is named)."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return int(self.get(path, limit=1, state=states)["total_entries"])

    def task_log(self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int = -1) -> str:
        """The log of one try, a line per event with all that it carries."""
        return "\n".join(map(_log_line, self.task_events(dag_id, run_id, task_id, try_number, map_index)))

    def task_events(
        self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int = -1
    ) -> list[Json | str]:
        """The log of one try as the events that it is made of."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/{try_number}"
        query = {"map_index": map_index, "full_content": True}
        answer = self.call("GET", path, params=query, headers={"Accept": "application/json"})
        return list(answer.json()["content"])

    def xcoms(self, dag_id: str, run_id: str, task_id: str = "~") -> list[Json]:
        """Every XCom of a run (or of one of its tasks) with its `value`."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries"
        return [self._xcom(dag_id, run_id, entry) for entry in self._all(path, "xcom_entries")]

    def _xcom(self, dag_id: str, run_id: str, entry: Json) -> Json:
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{entry['task_id']}/xcomEntries/{entry['key']}"
        return self.get(path, map_index=entry["map_index"])

    # -- what Airflow is loaded with

    def pool(self, name: str) -> Json:
        """One pool with its slots and how many are taken."""
        return self.get(f"/pools/{name}")

    def set_pool(self, name: str, slots: int, include_deferred: bool, description: str = "") -> None:
        """Make the pool, or change it."""
        body = {"slots": slots, "include_deferred": include_deferred, "description": description}
        self._make_or_change("/pools", name, {"name": name, **body}, {"pool": name, **body})

    def variables(self) -> list[Json]:
        """Every Variable with its `key` and `value`."""
        return list(self._all("/variables", "variables"))

    def delete_variable(self, name: str) -> None:
        """Delete the Variable, unless somebody did in between."""
        try:
            self.call("DELETE", f"/variables/{name}")
        except ApiProblem as problem:
            if problem.status != _NOT_FOUND:
                raise

    def set_variable(self, name: str, value: str) -> None:
        """Make the Variable, or change it."""
        body = {"key": name, "value": value}
        self._make_or_change("/variables", name, body, body)

    def set_connection(self, connection: Mapping[str, Any]) -> None:
        """Make the connection, or change it: `connection_id`, `conn_type`, `host`, `login`, … `extra` as JSON."""
        self._make_or_change("/connections", str(connection["connection_id"]), connection, connection)

    def load(self, settings: Settings) -> None:
        """Make or change everything that the settings name."""
        for pool in settings.pools:
            self.set_pool(pool.name, pool.slots, pool.include_deferred, pool.description)
        for variable in settings.variables:
            self.set_variable(variable.name, variable.value)
        for connection in settings.connections:
            self.set_connection(connection.as_api())

    # -- inside

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        if "Authorization" not in self._http.headers:
            self._http.headers["Authorization"] = f"Bearer {self._token()}"
        return self._http.request(method, f"/api/v2{path}", **options)

    def _token(self) -> str:
        if self._login is None:
            answer = self._http.get("/auth/token")
        else:
            who = {"username": self._login.user, "password": self._login.password}
            answer = self._http.post("/auth/token", json=who)
        return str(answer.raise_for_status().json()["access_token"])

    def _all(self, path: str, key: str, **query: Any) -> Iterator[Json]:
        offset = 0
        while True:
            page = self.get(path, limit=_PAGE, offset=offset, **query)
            yield from page[key]
            offset += len(page[key])
            if not page[key] or offset >= page["total_entries"]:
                return

    def _make_or_change(
        self, path: str, name: str, new: Mapping[str, Any], change: Mapping[str, Any]
    ) -> None:
        try:
            self.call("PATCH", f"{path}/{name}", json=dict(change))
        except ApiProblem as problem:
            if problem.status != _NOT_FOUND:
                raise
            self.call("POST", path, json=dict(new))


def _until(holds: Callable[[], bool], timeout_s: float, poll_s: float = _POLL_S) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(poll_s)
    return True


def _log_line(entry: Json | str) -> str:
    """One event of a task's log as a line: time, level, text, then whatever else it carries."""
    if isinstance(entry, str):
        return entry
    known = ("timestamp", "level", "event")
    rest = " ".join(f"{key}={value}" for key, value in entry.items() if key not in known)
    return " ".join(str(entry[key]) for key in known if entry.get(key)) + (f" {rest}" if rest else "")
