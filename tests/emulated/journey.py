"""Runs the DAG in a real Airflow against the emulator, and reads what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.dataset as ds

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow

DAG_ID = "zoho_learner_progress"
CLIENT_SECRET = "emulated-client-secret"
REFRESH_TOKEN = "1000.emulated-refresh-token"
ACCESS_TOKEN = re.compile(rb"1000\.emulated\.[0-9a-f]{32}")
LOCK_S = 25.0
FEW_TYPES = ["files", "links", "feedbacks", "contents"]
Row = dict[str, Any]
_HTTP = httpx.Client(timeout=60, trust_env=False)
"""One for all calls: each client of its own would set up TLS, which takes longer than most answers."""


@dataclass
class Journey:
    """One output path, and the runs that write to it."""

    airflow: LocalAirflow
    emulator: LocalEmulator
    output: Path
    window_s: float
    threshold: int
    dag_id: str = DAG_ID
    conn_id: str = "zoho_people_default"
    pool: str = "zoho_people_api"
    publish_pool: str = "zoho_people_publish"

    def start_anew(self) -> None:
        """Forget what earlier tests did to the emulator and to what tasks share."""
        self.post("reset")
        usual = {
            "lock_shape": "400-flat",
            "no_records_shape": "list",
            "daily_limit": None,
            "lock_seconds": LOCK_S,
            "window_seconds": self.window_s,
        }
        self.post("settings", usual)
        self.let_pass(self.threshold)
        self.airflow.api.set_pool(self.publish_pool, 1, include_deferred=True)
        self.connect()
        self.forget("zoho_people_gate", "zoho_people_refusals", "zoho_people_requests")
        self.forget("zoho_people_access_token", "zoho_people_token", "zoho_people_sent")

    def let_pass(self, threshold: int) -> None:
        """Allow *threshold* requests in a window, and give the pool as many slots."""
        self.threshold = threshold
        self.post("settings", {"threshold": threshold})
        self.airflow.api.set_pool(self.pool, threshold, include_deferred=True)

    def shorten(self, window_s: float) -> None:
        """Let Zoho's window be shorter, where a test is not about the pace: less has to be waited for."""
        self.window_s = window_s
        self.post("settings", {"window_seconds": window_s})
        self.connect()

    def connect(self, **extra: Any) -> None:
        """Make the connection to the emulator, with *extra* settings."""
        url = self.emulator.url
        known = {
            "refresh_token": REFRESH_TOKEN,
            "accounts_url": url,
            "window_seconds": self.window_s,
            "lock_seconds": LOCK_S,
        }
        self.airflow.api.set_connection(
            {
                "connection_id": self.conn_id,
                "conn_type": "zoho_people",
                "host": url,
                "login": "emulated-client-id",
                "password": CLIENT_SECRET,
                "extra": json.dumps(known | extra),
            }
        )

    def forget(self, *prefixes: str) -> None:
        """Delete the Variables that begin with one of *prefixes*."""
        for key in (variable["key"] for variable in self.airflow.api.variables()):
            if key.startswith(prefixes):
                self.airflow.api.delete_variable(key)

    def start(self, courses: Sequence[str], learner_ids: Sequence[str], **params: Any) -> str:
        """Start a run; its id."""
        conf = {"courses": courses, "learner_ids": learner_ids, "output_path": str(self.output), **params}
        return self.airflow.api.trigger_dag(self.dag_id, conf)

    def finish(self, run_id: str) -> str:
        """Wait for the run's end; its state."""
        return self.airflow.api.wait_for_run(self.dag_id, run_id, timeout_s=600)

    def run(self, courses: Sequence[str], learner_ids: Sequence[str], **params: Any) -> tuple[str, str]:
        """Run the DAG to its end; its state and the run's id."""
        run_id = self.start(courses, learner_ids, **params)
        return self.finish(run_id), run_id

    def fetch_tasks(self, run_id: str) -> list[Row]:
        """The run's fetching task instances."""
        return [
            task
            for task in self.airflow.api.task_instances(self.dag_id, run_id)
            if task["task_id"] == "fetch"
        ]

    def clear_failed(self, run_id: str) -> None:
        """What a person does in the UI: clear the run, only its failed tasks."""
        body = {"dry_run": False, "only_failed": True}
        self.airflow.api.call("POST", f"/dags/{self.dag_id}/dagRuns/{run_id}/clear", json=body)

    def clear(self, run_id: str, tasks: Sequence[str]) -> None:
        """Clear *tasks* with those downstream of them."""
        body = {
            "dag_run_id": run_id,
            "dry_run": False,
            "only_failed": False,
            "task_ids": tasks,
            "include_downstream": True,
            "reset_dag_runs": True,
        }
        self.airflow.api.call("POST", f"/dags/{self.dag_id}/clearTaskInstances", json=body)

    def counted(self) -> int:
        """The requests in the day's count, of all spenders."""
        variables = self.airflow.api.variables()
        return sum(int(v["value"]) for v in variables if v["key"].startswith("zoho_people_requests_"))

    def courses(self) -> list[dict[str, Any]]:
        """The organisation's courses with their batches and learners."""
        return list(self.get("organisation")["courses"])

    def get(self, route: str, **query: Any) -> Any:
        """The answer of one of the emulator's control routes."""
        return self._control("GET", route, params=query)

    def post(self, route: str, body: Any = None, **query: Any) -> Any:
        """The same with POST."""
        return self._control("POST", route, params=query, json=body)

    def truth(self, course: str) -> list[Row]:
        """Every record that Zoho has for *course* (``courseId`` or ``courseId/batchId``), as rows."""
        course_id, _, batch_id = course.partition("/")
        query = {"course_id": course_id} | ({"batch_id": batch_id} if batch_id else {})
        text = _HTTP.get(f"{self.emulator.url}/_emulator/truth", params=query).text
        units = [json.loads(line) for line in text.split("\n") if line]
        return [expected_row(unit, record) for unit in units for record in unit["records"]]

    def rows(self) -> list[Row]:
        """The newest snapshot (midnight may fall into a test), without when and by which run it was fetched."""
        rows = self.full_rows()
        newest = max((row["snapshot_date"] for row in rows), default=None)
        return [without(row, "fetched_at", "dag_run_id") for row in rows if row["snapshot_date"] == newest]

    def full_rows(self) -> list[Row]:
        """The whole dataset, every column."""
        return self._table("learner_progress")

    def coverage(self, run_id: str) -> list[Row]:
        """The coverage of one run."""
        return [row for row in self._table("coverage") if row["dag_run_id"] == run_id]

    def all_coverage(self) -> list[Row]:
        """The coverage of every run."""
        return self._table("coverage")

    def arrivals(self) -> list[float]:
        """When the API requests came, in seconds since the epoch."""
        return [entry["at"] for entry in self.get("journal")["entries"] if entry["kind"] == "api"]

    def log(self, run_id: str, task_id: str, *, map_index: int = -1, try_number: int = 1) -> str:
        """The log of one try of a task."""
        return self.airflow.api.task_log(self.dag_id, run_id, task_id, try_number, map_index)

    def page(self, route: str, **query: Any) -> Any:
        """What the API of the page of learner progress answers."""
        url = self.airflow.url
        token = _HTTP.get(f"{url}/auth/token").raise_for_status().json()["access_token"]
        answer = _HTTP.get(
            f"{url}/zoho-people/api/{route}",
            params={"dag": self.dag_id, **query},
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.raise_for_status().json()

    def _table(self, name: str) -> list[Row]:
        if not (self.output / name).exists():
            return []
        table = ds.dataset(self.output / name, format="parquet", partitioning="hive").to_table()
        return list(table.to_pylist())

    def _control(self, method: str, route: str, **options: Any) -> Any:
        answer = _HTTP.request(method, f"{self.emulator.url}/_emulator/{route}", **options)
        return answer.raise_for_status().json()


KINDS = (
    ("offline_tests", "test"),
    ("online_tests", "test"),
    ("assignments", "assignment"),
    ("files", "file"),
    ("contents", "content"),
    ("sessions", "session"),
    ("links", "link"),
    ("pre_learning_tests", "test"),
    ("post_learning_tests", "test"),
    ("feedbacks", "feedback"),
)
DURATIONS = {
    "10 minutes": 600,
    "20 minutes": 1200,
    "1 minute": 60,
    "1 hour": 3600,
    "1.5 hours": 5400,
    "2 hours 5 minutes 10 seconds": 7510,
    "1 hour 30 minutes": 5400,
    "01:30:00": 5400,
    "00:45": 2700,
    "45 seconds": 45,
    "0 minutes": 0,
}
"""What the durations that the emulator sends mean; it sends others that mean nothing."""


def expected_row(unit: Row, record: Row) -> Row:
    """The row that *record* must become, written down apart from the code under test."""
    entity_type, kind = KINDS[unit["entity_type"]]
    left = dict(record)
    taken = {
        "entity_id": str(left.pop(f"{kind}Id")),
        "entity_name": left.pop(f"{kind}Name", None),
        "status": left.pop("status", None),
        "is_mandatory": left.pop("isMandatory", None),
        "user_mark": _mark(left.pop("userMark", None)),
        "max_mark": _mark(left.pop(f"{kind}Mark", None)),
        "maximum_attempts_allowed": left.pop("maximumAttemptsAllowed", None),
        "duration": left.pop("duration", None),
    }
    return {
        "course_id": unit["course_id"],
        "batch_id": unit["batch_id"],
        "learner_id": unit["learner_id"],
        **taken,
        "duration_seconds": DURATIONS.get(taken["duration"]),
        "attributes": left,
        "entity_type": entity_type,
    }


def _mark(value: float | None) -> float | None:
    return None if value is None else float(value)


def comparable(rows: Iterable[Row]) -> list[str]:
    """Rows in one order and one notation; the snapshot date and the notation of JSON are no part of them."""
    texts = []
    for row in rows:
        plain = without(row, "snapshot_date")
        if isinstance(plain["attributes"], str):
            plain["attributes"] = json.loads(plain["attributes"])
        texts.append(json.dumps(plain, sort_keys=True, default=str))
    return sorted(texts)


def truth_of(journey: Journey, course: str, entity_types: Sequence[str]) -> list[str]:
    """What Zoho has of *course* in some entity types, as :func:`comparable` writes it."""
    return comparable(row for row in journey.truth(course) if row["entity_type"] in entity_types)


def without(row: Row, *columns: str) -> Row:
    """*row* less some columns."""
    return {column: value for column, value in row.items() if column not in columns}


def most_in_window(arrivals: Sequence[float], window_s: float) -> int:
    """The most arrivals in any window of that length, whatever instant it begins at."""
    return max((sum(1 for other in arrivals if 0 <= other - at < window_s) for at in arrivals), default=0)


def assert_no_secret_in(folder: Path, secrets: tuple[str, ...]) -> None:
    """Look through every file below *folder*, whatever it is."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert not ACCESS_TOKEN.search(content), path
        assert not any(secret.encode() in content for secret in secrets), path
