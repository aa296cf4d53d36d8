"""A run of the DAG around its requests: the steps as Airflow calls them, and what they find."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Asset
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.execution_time.context import OutletEventAccessors

from tests.helpers.fakes import StateStore, TaskInstance, Variables, page
from tests.helpers.lists import COURSE_LIST, course_item, stage_list
from tests.helpers.local_server import LocalServer, Token
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.model.run_xcoms import Request
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.coverage import Coverage
from zoho_people.shared.pools import POOLS_VARIABLE, PoolState, write_pools
from zoho_people.shared.process import Process
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.steps.check import check_request
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.plan import plan_units
from zoho_people.steps.publish import publish_snapshot
from zoho_people.steps.report import report as report_run
from zoho_people.steps.run_params import DEFAULTS
from zoho_people.storage.store import Store

CONN_ID = "zoho_people_default"
COURSES, LEARNERS = ["100002000000039001"], ["100002000000045011", "100002000000045012"]
SECRET, REFRESH_TOKEN = "client-secret-0815", "1000.refresh-token-4711"
STEPS_LOGGER = "zoho_people.steps"

SPENT: dict[str, Any] = {
    "requests": 2,
    "held_seconds": 114.0,
    "first_at": 100.0,
    "last_at": 160.0,
    "by_day": {"1970-01-01": 2},
}
"""What a task has counted that sent two requests, long ago."""

Step = Callable[..., Any]


class World:
    """What a run by hand finds: its Params, Airflow's Variables and XComs, a connection to a local server.

    ``xcoms`` has what the tasks pushed or returned, by task id and key; all of it is JSON.
    """

    def __init__(self, server: LocalServer, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.server = server
        self.root = self.lists_root = root
        self.conf: dict[str, Any] | None = None
        self.params: dict[str, Any] = {
            **DEFAULTS,
            "courses": COURSES,
            "learner_ids": LEARNERS,
            "output_path": str(root),
        }
        self.airflow = Variables()
        self.run_id = "manual__2026-11-23T10:00:00+00:00"
        self.xcoms: dict[tuple[str, str], Any] = {}
        self.started_at = datetime.now(UTC)
        self.run_type = "manual"
        self.clear_number = 0
        self.dag_names = DagNames()
        self.process = Process(sleep=lambda seconds: None)
        self.outlet_events = OutletEventAccessors()

    def allow(self, roots: str) -> None:
        """As the deployer does: where runs may read and write."""
        self.monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS", roots)

    @property
    def variables(self) -> dict[str, str]:
        return self.airflow.kept

    def tell_pools(self, *, slots: int = 30, include_deferred: bool = True, publish_slots: int = 1) -> None:
        """As the scheduler does."""
        pools = {
            self.dag_names.pool: PoolState(slots, include_deferred=include_deferred),
            self.dag_names.publish_pool: PoolState(publish_slots, include_deferred=False),
        }
        self.variables[POOLS_VARIABLE] = write_pools(pools, seen_at=time.time())

    def begin_run(self, run_id: str) -> None:
        """From now on it is another run's turn."""
        self.run_id = run_id
        self.xcoms = {}

    def ask_for_everybody(self, **learners_of: Any) -> None:
        """Name no learner; Zoho's lists, already read, have ``c<id>`` = the learners of each course.

        None: the course is listed, its learners are not read.
        """
        self.params |= {"courses": [], "learner_ids": []}
        self.check()
        of = {name.removeprefix("c"): learners for name, learners in learners_of.items()}
        stage_list(self.lists, COURSE_LIST, *map(course_item, of))
        self.lists.choose([Course(course_id) for course_id in of])
        for course_id, learners in of.items():
            if learners is not None:
                stage_list(self.lists, COURSE_LEARNERS.of(Course(course_id)), *learners)

    def ask_by_file(self, text: str | None) -> None:
        """Name everybody by a roster file with *text*; None: there is no such file."""
        path = self.root.parent / "roster.csv"
        if text is not None:
            path.write_text(text)
        self.params |= {"courses": [], "learner_ids": [], "roster_file": str(path)}

    @property
    def hook(self) -> ZohoLearnerProgressHook:
        return ZohoLearnerProgressHook(CONN_ID, process=self.process)

    @property
    def booked(self) -> dict[str, int]:
        """The requests of today (a test may begin before midnight) by run."""
        prefix = "zoho_people_requests_zoho_people_default_"
        found: Counter[str] = Counter()
        for name, count in self.variables.items():
            if name.startswith(prefix):
                found[name.removeprefix(prefix)[11:]] += int(count)
        return dict(found)

    def context(self, task_id: str = "") -> Any:
        """As Airflow makes it for a step."""
        ti = TaskInstance(self.xcoms)
        ti.task_id = task_id
        # As Airflow does: what a run was triggered with is merged into the Params, known or not.
        heard = conf.getboolean("core", "dag_run_conf_overrides_params")
        return {
            "ti": ti,
            "run_id": self.run_id,
            "task_state_store": StateStore(),
            "outlet_events": self.outlet_events,
            "params": {**self.params, **((heard and self.conf) or {})},
            "dag": SimpleNamespace(params=dict.fromkeys(self.params)),
            "dag_run": SimpleNamespace(
                conf=self.conf,
                start_date=self.started_at,
                run_type=self.run_type,
                clear_number=self.clear_number,
            ),
        }

    def _run(self, task_id: str, step: Step, **options: Any) -> Any:
        """Run a step as a task: its XComs of an earlier try are gone, those that it pushed stay if it fails."""
        for key in [key for key in self.xcoms if key[0] == task_id]:
            del self.xcoms[key]
        context = self.context(task_id)
        try:
            result = step(context, **options)
        finally:
            for name, value in context["ti"].xcoms.items():
                self.xcoms[task_id, name] = json.loads(json.dumps(value))
        if result is not None:
            self.xcoms[task_id, "return_value"] = json.loads(json.dumps(result))
        return result

    def check(self, *, token: bool = True) -> Any:
        """Check the request, with a new access token ready if *token*."""
        if token:
            self.server.script(Token().reply())
        return self._run(
            "check_request",
            check_request,
            names=self.dag_names,
            process=self.process,
        )

    def plan(self) -> list[dict[str, Any]]:
        """Plan, after the check where that was not done yet; each item less what all have and course name."""
        if ("check_request", "return_value") not in self.xcoms:
            self.check()
        items: list[dict[str, Any]] = self._run("plan", plan_units, conn_id=CONN_ID)
        assert {each.pop("output_path") for each in items} <= {str(self.root)}
        self.told_slots = {each.pop("requests_per_window") for each in items}
        return [{key: value for key, value in each.items() if key != "course_name"} for each in items]

    @property
    def course_names(self) -> list[str | None]:
        """What the grid calls the courses of each planned item; None where it has ids only."""
        return [each.get("course_name") for each in self.xcoms["plan", "return_value"]]

    def publish(self) -> dict[str, Any]:
        """Publish; what was pushed."""
        assert self._run("publish", publish_snapshot, conn_id=CONN_ID) is None
        return self.published

    def report(self) -> None:
        assert self._run("report", report_run, conn_id=CONN_ID) is None

    def refused_check(self) -> str:
        """Why the check fails for good; nothing more is asked for of the run."""
        why = refusal(lambda: self.check(token=False))
        assert ("check_request", "return_value") not in self.xcoms
        return why

    @property
    def request(self) -> Request:
        """What the check let pass."""
        return Request.from_json(self.xcoms["check_request", "return_value"])

    @property
    def figures(self) -> dict[str, Any]:
        """What the plan tells."""
        return dict(self.xcoms["plan", "plan"])

    @property
    def published(self) -> dict[str, Any]:
        return dict(self.xcoms["publish", "published"])

    @property
    def events(self) -> dict[str, Any]:
        """The extras of the assets' events, by the asset's URI or name, and the alias that told of it."""
        told: dict[str, Any] = {}
        for key, accessor in self.outlet_events.items():
            if isinstance(key, Asset):
                told[key.uri] = accessor.extra
            for event in accessor.asset_alias_events:
                told[f"{event.source_alias_name} -> {event.dest_asset_key.uri}"] = event.extra
        return told

    def counted(self, task_id: str, *results: Mapping[str, Any], key: str = "return_value") -> None:
        """Have the tasks *task_id* return *results*."""
        self.xcoms[task_id, key] = list(results)

    def fetch(self, item: Mapping[str, Any], count: int = 0, *, days_ago: int = 0) -> None:
        """What a task fetches of one unit: *count* files."""
        fetched_at = datetime.now(UTC) - timedelta(days=days_ago)
        self.staging.add_page(unit_of(item), page(0, count), fetched_at, self.run_id)

    def complete(self, count: int = 2, *, days_ago: int = 0) -> None:
        """Plan, fetch *count* files of each unit, and publish; then it is the next run's turn."""
        for item in self.plan():
            self.fetch(item, count, days_ago=days_ago)
        self.publish()
        self.begin_run("the next")

    @property
    def staging(self) -> Staging:
        return Staging(str(self.root), self._run_key)

    @property
    def lists(self) -> ListStaging:
        return ListStaging(str(self.lists_root), self._run_key)

    @property
    def plan_file(self) -> PlanFile:
        return PlanFile(self.staging.store, self.staging.key)

    @property
    def coverage(self) -> list[dict[str, Any]]:
        """The rows of the run's coverage, wherever the snapshot is."""
        [path] = self.root.glob(f"coverage/*/run-{self._run_key}.parquet")
        coverage = Coverage(Store(str(self.root)), str(path.relative_to(self.root)))
        rows: list[dict[str, Any]] = coverage.read().to_pylist()
        return rows

    def files(self, folder: str) -> list[Path]:
        return sorted(path for path in (self.root / folder).rglob("*") if path.is_file())

    @property
    def _run_key(self) -> str:
        return Staging.run_key(TaskInstance.dag_id, self.run_id)


def refusal(step: Callable[[], Any]) -> str:
    """Why *step* fails for good, without a secret."""
    with pytest.raises(AirflowFailException) as error:
        step()
    assert SECRET not in str(error.value)
    assert REFRESH_TOKEN not in str(error.value)
    return str(error.value)


def unit_of(item: Mapping[str, Any]) -> Unit:
    """The unit that *item* of a mapping names."""
    return Unit(Course.parse(item["course"]), item["learner_id"], EntityType.parse(item["entity_type"]))


def item(learner_id: str, entity_type: str = "files", course: str = COURSES[0]) -> dict[str, str]:
    return {"course": course, "learner_id": learner_id, "entity_type": entity_type}


def connect(monkeypatch: pytest.MonkeyPatch, server: LocalServer, **extra: Any) -> None:
    connection = {
        "conn_type": "zoho_people",
        "host": server.url,
        "login": "1000.CLIENT",
        "password": SECRET,
        "extra": {"refresh_token": REFRESH_TOKEN, "accounts_url": server.url, **extra},
    }
    monkeypatch.setenv("AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT", json.dumps(connection))


ALL_TYPES = list(ENTITY_TYPE_NAMES)
