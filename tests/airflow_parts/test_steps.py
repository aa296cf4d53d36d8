from __future__ import annotations

import json
import logging
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException
from zoho_people.plan import Plan

from tests.airflow_parts.fakes import Variables, context, fails, page
from tests.api.local_server import LocalServer, Token, says
from zoho_people import hook as hook_module
from zoho_people import steps
from zoho_people.api.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.api.page import ProgressPage
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.staged_unit import POSTPONED
from zoho_people.dataset.staging import Staging
from zoho_people.hook import ZohoLearnerProgressHook
from zoho_people.pace import API_POOL, PUBLISH_POOL
from zoho_people.pools import POOLS_VARIABLE, PoolState, write_pools

CONN_ID = "zoho_people_default"
COURSES, LEARNERS = ["100002000000039001"], ["100002000000045011", "100002000000045012"]
SECRET, REFRESH_TOKEN = "client-secret-0815", "1000.refresh-token-4711"


class World:
    """What a run by hand finds: its Params, Airflow's Variables, a connection to a local server."""

    def __init__(self, server: LocalServer, root: Path) -> None:
        self.server = server
        self.root = root
        self.conf: dict[str, Any] | None = None
        self.params: dict[str, Any] = {
            "courses": COURSES,
            "learner_ids": LEARNERS,
            "entity_types": list(ENTITY_TYPE_NAMES),
            "output_path": str(root),
        }
        self.airflow = Variables()
        self.context = context()
        self.started_at = datetime.now(UTC)

    @property
    def variables(self) -> dict[str, str]:
        return self.airflow.kept

    def tell_pools(self, *, slots: int = 30, include_deferred: bool = True) -> None:
        """As the scheduler does."""
        pools = {
            API_POOL: PoolState(slots, include_deferred=include_deferred),
            PUBLISH_POOL: PoolState(1, include_deferred=False),
        }
        self.variables[POOLS_VARIABLE] = write_pools(pools, seen_at=time.time())

    def begin_run(self, run_id: str) -> None:
        """From now on it is another run's turn."""
        self.context = context(run_id=run_id)

    @property
    def hook(self) -> ZohoLearnerProgressHook:
        return ZohoLearnerProgressHook(CONN_ID)

    @property
    def booked(self) -> dict[str, int]:
        """The requests of today, by run; the test may begin before midnight."""
        prefix = "zoho_people_requests_zoho_people_default_"
        return {
            name.removeprefix(prefix)[11:]: int(count)
            for name, count in self.variables.items()
            if name.startswith(prefix)
        }

    def check(self) -> list[dict[str, Any]]:
        # As Airflow does: what a run was triggered with is merged into the Params, known or not.
        heard = conf.getboolean("core", "dag_run_conf_overrides_params")
        run = {
            "params": {**self.params, **((heard and self.conf) or {})},
            "dag": SimpleNamespace(params=dict.fromkeys(self.params)),
            "dag_run": SimpleNamespace(conf=self.conf, start_date=self.started_at),
        }
        return steps.check_request({**self.context, **run}, conn_id=CONN_ID)  # type: ignore[typeddict-item]

    def refusal(self) -> str:
        with pytest.raises(AirflowFailException) as error:
            self.check()
        assert SECRET not in str(error.value)
        assert REFRESH_TOKEN not in str(error.value)
        return str(error.value)

    @property
    def plan(self) -> Any:
        return self.context["ti"].xcoms["plan"]

    @property
    def staging(self) -> Staging:
        return Staging(str(self.root), Staging.run_key(self.context["ti"].dag_id, self.context["run_id"]))


@pytest.fixture
def world(server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(server, tmp_path / "data")
    world.tell_pools()
    monkeypatch.setattr("zoho_people.variables.Variable", world.airflow)
    monkeypatch.setattr(hook_module, "in_task", lambda: True)
    monkeypatch.setattr(hook_module, "CLAIM_SETTLE_S", 0.0)
    monkeypatch.setattr(hook_module, "GATE_SETTLE_S", 0.0)
    connect(monkeypatch, server)
    return world


def connect(monkeypatch: pytest.MonkeyPatch, server: LocalServer, **extra: Any) -> None:
    connection = {
        "conn_type": "zoho_people",
        "host": server.url,
        "login": "1000.CLIENT",
        "password": SECRET,
        "extra": {"refresh_token": REFRESH_TOKEN, "accounts_url": server.url, **extra},
    }
    monkeypatch.setenv("AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT", json.dumps(connection))


class TestTheCheck:
    def test_gives_one_item_a_unit_and_spends_no_request(self, world: World) -> None:
        world.server.script(Token().reply())
        items = world.check()
        assert len(items) == 20
        assert items[0] == {"course": COURSES[0], "learner_id": LEARNERS[0], "entity_type": "offline_tests"}
        assert [request.target for request in world.server.received] == ["/oauth/v2/token"]

    def test_pushes_a_plan_from_which_the_units_come_again(self, world: World) -> None:
        world.server.script(Token().reply())
        items = world.check()
        plan = Plan.from_json(json.loads(json.dumps(world.plan)))
        assert len(plan) == len(items)
        assert plan.output_path == str(world.root)
        assert abs((datetime.now(UTC).date() - plan.snapshot_date).days) <= 1

    def test_takes_what_is_left_empty_from_the_variables(self, world: World) -> None:
        world.server.script(Token().reply())
        world.params |= {"courses": [], "learner_ids": [], "output_path": None}
        world.variables.update(
            {
                "zoho_learner_progress_courses": '["5/6"]',
                "zoho_learner_progress_learners": '["7"]',
                "zoho_learner_progress_output": str(world.root),
            }
        )
        assert len(world.check()) == 10
        assert (world.plan["courses"], world.plan["learner_ids"]) == (["5/6"], ["7"])
        assert world.plan["output_path"] == str(world.root)

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({}, "Variable zoho_learner_progress_courses is empty"),
            ({"zoho_learner_progress_courses": "[]"}, "Variable zoho_learner_progress_courses is empty"),
            ({"zoho_learner_progress_courses": "5, 6"}, "Variable zoho_learner_progress_courses is not JSON"),
            ({"zoho_learner_progress_courses": "[5]"}, "course 5 is not a course"),
            ({"zoho_learner_progress_courses": "5"}, "Variable zoho_learner_progress_courses is 5"),
        ],
    )
    def test_names_the_variable_that_cannot_be(
        self, world: World, variables: dict[str, str], words: str
    ) -> None:
        world.params["courses"] = []
        world.variables.update(variables)
        assert words in world.refusal()
        assert world.server.received == []

    def test_does_not_mind_a_variable_that_is_not_needed(self, world: World) -> None:
        world.server.script(Token().reply())
        world.variables["zoho_learner_progress_courses"] = "not JSON"
        assert len(world.check()) == 20

    def test_refuses_a_param_that_there_is_not(self, world: World) -> None:
        world.conf = {"courses": COURSES, "learners": LEARNERS}
        assert world.refusal() == (
            "Param 'learners' is unknown; allowed: courses, entity_types, learner_ids, output_path"
        )
        assert world.server.received == []

    def test_takes_what_the_run_was_triggered_with(self, world: World) -> None:
        world.server.script(Token().reply())
        world.conf = {"courses": ["5/6"], "entity_types": ["links"]}
        assert world.check() == [
            {"course": "5/6", "learner_id": learner, "entity_type": "links"} for learner in LEARNERS
        ]

    def test_refuses_what_the_run_was_triggered_with_where_airflow_ignores_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRFLOW__CORE__DAG_RUN_CONF_OVERRIDES_PARAMS", "False")
        world.conf = {"courses": ["5/6"]}
        assert "[core] dag_run_conf_overrides_params = True" in world.refusal()
        assert world.server.received == []
        world.conf = None
        world.server.script(Token().reply())
        assert len(world.check()) == 20

    def test_refuses_more_tasks_than_airflow_maps(self, world: World) -> None:
        world.params["learner_ids"] = [str(number) for number in range(1, 200)]
        assert "are 1990 tasks; Airflow maps at most 1024" in world.refusal()

    def test_refuses_an_output_path_that_cannot_be_written_to(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        world.params["output_path"] = str(tmp_path / "file")
        assert "can't be written to" in world.refusal()
        assert world.server.received == []

    def test_refuses_a_url_that_nothing_is_installed_for(self, world: World) -> None:
        world.params["output_path"] = "nosuchscheme://bucket/zoho"
        assert "can't be written to" in world.refusal()

    def test_leaves_nothing_behind_where_it_tried_to_write(self, world: World) -> None:
        world.server.script(Token().reply())
        world.check()
        assert [path.name for path in world.root.rglob("*") if path.is_file()] == ["plan.parquet"]

    def test_refuses_a_connection_with_an_unknown_key(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(monkeypatch, world.server, datacenter="eu")
        assert "unknown key 'datacenter'" in world.refusal()

    def test_finds_wrong_credentials_before_any_task_does(self, world: World) -> None:
        world.server.script(says({"error": "invalid_client"}))
        assert "client id or client secret is wrong" in world.refusal()

    def test_tells_the_plan(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        world.server.script(Token().reply())
        with caplog.at_level(logging.INFO, logger="zoho_people.steps"):
            world.check()
        [line] = [record.getMessage() for record in caplog.records if record.name == "zoho_people.steps"]
        assert line.startswith(
            "Plan: 20 tasks (1 courses × 2 learners × 10 entity types), about 20 requests, about 0 minutes at 30 "
            "requests in 60 s; to "
        )

    def test_lets_stopped_credentials_be_tried_again(self, world: World) -> None:
        world.hook.gate.stop("the refresh token was revoked")
        world.server.script(Token().reply())
        assert len(world.check()) == 20
        world.hook.gate.refuse_while_closed(time.time())

    def test_leaves_a_lock_as_it_is_since_tasks_wait_it_out(self, world: World) -> None:
        until = world.hook.gate.lock(time.time() + 300.0)
        world.server.script(Token().reply())
        assert len(world.check()) == 20
        assert world.hook.gate.state().locked_until == pytest.approx(until, abs=0.01)


class TestThePools:
    def test_that_are_missing_stop_the_run_before_anything_is_sent(self, world: World) -> None:
        world.variables[POOLS_VARIABLE] = write_pools({}, seen_at=time.time())
        assert "the pool zoho_people_api is missing; make it in Admin, Pools, or by: " in world.refusal()
        assert world.server.received == []

    def test_that_free_the_slots_of_deferred_tasks_make_the_tasks_wait_in_their_workers(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.tell_pools(include_deferred=False)
        world.server.script(Token().reply())
        assert {item["deferrable"] for item in world.check()} == {False}
        assert "does not include deferred tasks" in caplog.text

    @pytest.mark.parametrize("slots", [30, 5])
    def test_as_they_should_be_need_no_word(
        self, world: World, caplog: pytest.LogCaptureFixture, slots: int
    ) -> None:
        world.tell_pools(slots=slots)
        world.server.script(Token().reply())
        assert not [item for item in world.check() if "deferrable" in item]
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

    def test_of_which_the_scheduler_said_nothing_make_the_tasks_wait_in_their_workers(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        del world.variables[POOLS_VARIABLE]
        world.server.script(Token().reply())
        assert len(world.check()) == 20
        assert "did not tell the state of the pool" in caplog.text

    @pytest.mark.parametrize("text", ["somebody typed here", "[]", '{"zoho_people_api": 5}', "5"])
    def test_in_a_text_that_is_nobodys_are_not_known(
        self, world: World, caplog: pytest.LogCaptureFixture, text: str
    ) -> None:
        world.variables[POOLS_VARIABLE] = text
        world.server.script(Token().reply())
        assert len(world.check()) == 20
        assert "did not tell the state of the pool" in caplog.text

    def test_that_were_seen_before_the_run_are_not_known(self, world: World) -> None:
        world.started_at += timedelta(seconds=120)
        world.server.script(Token().reply())
        assert {item["deferrable"] for item in world.check()} == {False}


class TestACheckOnceMore:
    def test_starts_anew(self, world: World) -> None:
        unit = Unit(Course(COURSES[0]), LEARNERS[0], EntityType.parse("files"))
        world.staging.add_page(unit, page(0, 2), datetime.now(UTC), world.context["run_id"])
        world.server.script(Token().reply())
        world.check()
        assert world.staging.progress(unit).pages == 0

    def test_is_not_stopped_by_stale_staging_that_cannot_be_removed(
        self, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr("zoho_people.dataset.staging.remove_stale", fails(OSError("no storage")))
        world.server.script(Token().reply())
        assert len(world.check()) == 20
        assert "could not be removed" in caplog.text

    def test_publishing_that_fails_leaves_the_coverage(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.server.script(Token().reply())
        items = world.check()
        monkeypatch.setattr("zoho_people.dataset.publish.publish", fails(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            steps.publish_snapshot(world.context, items, [], conn_id=CONN_ID)
        assert [path for path in world.root.rglob("*") if path.is_file() and "coverage" in str(path)]


class TestTheDailyBudget:
    @pytest.fixture
    def world(self, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
        connect(monkeypatch, world.server, daily_limit=10, reserve_percent=20)
        world.server.script(Token().reply())
        return world

    def test_bounds_what_is_fetched_and_books_it(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO, logger="zoho_people.steps"):
            assert len(world.check()) == 8
        assert world.booked == {world.staging.key: 8}
        assert "12 of 20 units do not fit into the day's quota" in caplog.text
        assert (
            "Of the 8 requests that the day allows (10 less 20 % for other applications) 0 are" in caplog.text
        )

    def test_is_shared_with_the_other_runs_of_the_day(self, world: World) -> None:
        world.params["entity_types"] = ["files", "links", "contents"]
        assert len(world.check()) == 6
        world.begin_run("scheduled__2026-11-23")
        assert len(world.check()) == 2
        world.begin_run("another")
        assert world.check() == []

    def test_is_not_spent_twice_by_a_check_that_is_repeated(self, world: World) -> None:
        assert len(world.check()) == len(world.check()) == 8
        assert world.booked == {world.staging.key: 8}

    def test_goes_to_those_first_who_were_not_fetched_for_longest(self, world: World) -> None:
        world.params["entity_types"] = ["files", "links", "contents", "sessions", "feedbacks"]
        first = world.check()
        for item in first:
            unit = Unit(Course(COURSES[0]), item["learner_id"], EntityType.parse(item["entity_type"]))
            world.staging.add_page(unit, page_of(unit), datetime.now(UTC), world.context["run_id"])
        steps.publish_snapshot(world.context, first, [SPENT], conn_id=CONN_ID)
        world.begin_run("the next")
        left_out = [
            (learner, name)
            for learner in LEARNERS
            for name in world.params["entity_types"]
            if (learner, name) not in {(item["learner_id"], item["entity_type"]) for item in first}
        ]
        second = [(item["learner_id"], item["entity_type"]) for item in world.check()]
        assert len(left_out) == 2
        assert set(left_out) <= set(second)

    def test_is_settled_with_what_was_really_spent_when_the_run_is_published(self, world: World) -> None:
        mapped = world.check()
        today = datetime.now(UTC).date().isoformat()
        results = [{**SPENT, "by_day": {today: 2, "2020-01-01": 40}}, {**SPENT, "by_day": {today: 1}}]
        steps.publish_snapshot(world.context, mapped, results, conn_id=CONN_ID)
        assert world.booked == {world.staging.key: 3}

    def test_has_what_a_run_that_is_checked_once_more_has_already_spent(self, world: World) -> None:
        world.check()
        today = datetime.now(UTC).date().isoformat()
        world.context["ti"].fetched = [{**SPENT, "by_day": {today: 2, "2020-01-01": 40}}, SPENT]
        assert len(world.check()) == 6
        assert world.booked == {world.staging.key: 8}

    def test_that_is_not_known_bounds_nothing_and_is_booked_all_the_same(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(monkeypatch, world.server)
        assert len(world.check()) == 20
        assert world.booked == {world.staging.key: 20}

    @pytest.mark.parametrize("limit", [{}, {"daily_limit": 1000}])
    def test_is_nothing_once_zoho_said_that_the_quota_is_spent(
        self,
        world: World,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        limit: dict[str, int],
    ) -> None:
        connect(monkeypatch, world.server, **limit)
        world.hook.gate.close_for_the_day(time.time())
        assert world.check() == []
        assert "nothing is fetched before the next UTC day" in caplog.text
        assert world.booked == {world.staging.key: 0}

    def test_that_leaves_units_for_another_day_is_no_failure_and_no_loss(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.params["learner_ids"] = LEARNERS[:1]
        mapped = world.check()
        for item in mapped:
            unit = Unit(Course(COURSES[0]), item["learner_id"], EntityType.parse(item["entity_type"]))
            world.staging.add_page(unit, page_of(unit), datetime.now(UTC), world.context["run_id"])
        published = steps.publish_snapshot(world.context, mapped, [SPENT], conn_id=CONN_ID)
        steps.report(world.context, published, conn_id=CONN_ID)
        assert "2 units are left for another day: the daily quota is spent" in caplog.text
        errors = pq.read_table(world.root / published["coverage"])["error"].to_pylist()
        assert errors == [None] * 8 + [POSTPONED] * 2
        assert not world.staging.progress(Unit(Course(COURSES[0]), LEARNERS[0], EntityType.FILES)).done


class TestStaleStaging:
    @staticmethod
    def staged(world: World, run: str, *, age: timedelta) -> Path:
        folder = world.root / "_staging" / run
        file = folder / "entity_type=files" / "course-1" / "7.arrow"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
        written_at = (datetime.now(UTC) - age).timestamp()
        os.utime(file, (written_at, written_at))
        return folder

    def test_of_runs_that_nobody_completed_is_removed_with_a_word(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        stale = self.staged(world, "given-up", age=steps.STAGING_KEPT + timedelta(minutes=1))
        fresh = self.staged(world, "under-way", age=steps.STAGING_KEPT - timedelta(minutes=1))
        world.server.script(Token().reply())
        with caplog.at_level(logging.INFO, logger="zoho_people.steps"):
            world.check()
        assert not stale.exists()
        assert fresh.exists()
        assert "Removed what the run given-up had staged: not completed for 7 days" in caplog.text
        assert "under-way" not in caplog.text

    def test_is_left_alone_by_a_check_that_refuses_the_run(self, world: World) -> None:
        stale = self.staged(world, "given-up", age=timedelta(days=100))
        world.server.script(says({"error": "invalid_client"}))
        world.refusal()
        assert stale.exists()


SPENT = {
    "pages": 1,
    "requests": 2,
    "held_seconds": 114.0,
    "first_at": 100.0,
    "last_at": 160.0,
    "by_day": {"1970-01-01": 2},
}


def page_of(unit: Unit) -> ProgressPage:
    """The only page of *unit*: nothing."""
    return ProgressPage(0, (), None)


class TestPublishing:
    @pytest.fixture
    def planned(self, world: World) -> World:
        world.server.script(Token().reply())
        world.params["entity_types"] = ["files"]
        self.mapped = world.check()
        return world

    def publish(self, world: World, *results: dict[str, Any]) -> dict[str, Any]:
        return steps.publish_snapshot(world.context, self.mapped, results, conn_id=CONN_ID)

    @staticmethod
    def fetch(world: World, learner_id: str, count: int) -> None:
        unit = Unit(Course(COURSES[0]), learner_id, EntityType.FILES)
        world.staging.add_page(unit, page(0, count), datetime.now(UTC), world.context["run_id"])

    def test_returns_counts_and_paths_only(self, planned: World) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        self.fetch(planned, LEARNERS[1], 0)
        published = self.publish(planned, SPENT, SPENT)
        assert json.loads(json.dumps(published)) == published
        assert (published["rows"], published["files"]) == (3, 1)
        assert published["spent"] == {
            **SPENT,
            "pages": 2,
            "requests": 4,
            "held_seconds": 228.0,
            "by_day": {"1970-01-01": 4},
        }
        assert not [text for text in (*LEARNERS, "file 1000") if text in json.dumps(published)]
        coverage = pq.read_table(planned.root / published["coverage"])
        assert sorted(coverage["outcome"].to_pylist()) == ["empty", "fetched"]

    def test_a_complete_run_is_reported_and_its_staging_removed(
        self, planned: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        self.fetch(planned, LEARNERS[1], 0)
        published = self.publish(planned, SPENT, SPENT)
        with caplog.at_level(logging.INFO, logger="zoho_people.steps"):
            steps.report(planned.context, published, conn_id=CONN_ID)
        assert "4 requests sent for 2 pages; slots held for 228 s" in caplog.text
        assert [path for path in planned.root.glob("_staging/**/*") if path.is_file()] == []

    def test_a_missing_learner_fails_the_report_by_name_and_keeps_the_rest(self, planned: World) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        published = self.publish(planned, SPENT)
        with pytest.raises(AirflowFailException) as error:
            steps.report(planned.context, published, conn_id=CONN_ID)
        assert str(error.value).startswith("1 of 2 units are missing: ")
        assert LEARNERS[1] in str(error.value)
        assert LEARNERS[0] not in str(error.value)
        assert planned.staging.progress(Unit(Course(COURSES[0]), LEARNERS[0], EntityType.FILES)).done

    def test_a_run_without_any_request_is_reported_too(self, planned: World) -> None:
        published = self.publish(planned)
        with pytest.raises(AirflowFailException, match="2 of 2 units are missing"):
            steps.report(planned.context, published, conn_id=CONN_ID)

    def test_a_unit_that_was_postponed_on_its_way_is_no_failure(
        self, planned: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        unit = Unit(Course(COURSES[0]), LEARNERS[1], EntityType.FILES)
        planned.staging.add_outcome(unit, "failed", POSTPONED, datetime.now(UTC), planned.context["run_id"])
        published = self.publish(planned, SPENT)
        steps.report(planned.context, published, conn_id=CONN_ID)
        assert "1 units are left for another day" in caplog.text

    def test_a_course_in_which_nobody_is_known_fails_the_report_by_name(self, planned: World) -> None:
        for learner in LEARNERS:
            unit = Unit(Course(COURSES[0]), learner, EntityType.FILES)
            planned.staging.add_outcome(unit, "not_found", "x", datetime.now(UTC), planned.context["run_id"])
        published = self.publish(planned, SPENT)
        with pytest.raises(AirflowFailException) as error:
            steps.report(planned.context, published, conn_id=CONN_ID)
        assert str(error.value) == (
            f"Zoho found none of the learners in: course {COURSES[0]}. Check the ids."
        )

    def test_a_forbidden_learner_is_missing_and_named(self, planned: World) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        unit = Unit(Course(COURSES[0]), LEARNERS[1], EntityType.FILES)
        planned.staging.add_outcome(unit, "forbidden", "HTTP 403", datetime.now(UTC), "run")
        published = self.publish(planned, SPENT)
        with pytest.raises(
            AirflowFailException, match=rf"1 of 2 units are missing: .*{LEARNERS[1]}.*HTTP 403"
        ):
            steps.report(planned.context, published, conn_id=CONN_ID)

    def test_only_the_first_of_many_that_are_missing_are_named(self, world: World) -> None:
        world.server.script(Token().reply())
        world.params["learner_ids"] = LEARNERS + [str(number) for number in range(1, 10)]
        self.mapped = world.check()
        published = self.publish(world)
        with pytest.raises(AirflowFailException, match=r"^110 of 110 units are missing: ") as error:
            steps.report(world.context, published, conn_id=CONN_ID)
        assert str(error.value).count("learner ") == 20
        assert "; …. What was fetched is published." in str(error.value)


def test_a_run_of_which_nothing_was_planned_publishes_nothing_and_says_where_to_look(world: World) -> None:
    with pytest.raises(AirflowFailException, match="the log of check_request says why"):
        steps.publish_snapshot(world.context, [], [], conn_id=CONN_ID)
    assert not (world.root / "coverage").exists()


@pytest.mark.parametrize("slots", [0, 2, -1])
def test_a_publish_pool_of_another_size_than_one_is_refused(world: World, slots: int) -> None:
    from zoho_people.pools import POOLS_VARIABLE, PoolState, write_pools

    pools = {"zoho_people_api": PoolState(30, True), "zoho_people_publish": PoolState(slots, False)}
    world.variables[POOLS_VARIABLE] = write_pools(pools, seen_at=time.time())
    assert "zoho_people_publish" in world.refusal()
