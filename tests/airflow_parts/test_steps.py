from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.airflow_parts.fakes import context, page
from tests.api.local_server import LocalServer, Token, says
from zoho_people import steps
from zoho_people.api.entity_type import ENTITY_TYPE_NAMES, EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.staging import Staging
from zoho_people.plan import Plan

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
        self.variables: dict[str, str] = {}
        self.context = context()

    def get(self, key: str, default: Any = None) -> Any:
        return self.variables.get(key, default)

    def check(self) -> list[dict[str, str]]:
        # As Airflow does: what a run was triggered with is merged into the Params, known or not.
        run = {
            "params": {**self.params, **(self.conf or {})},
            "dag": SimpleNamespace(params=dict.fromkeys(self.params)),
            "dag_run": SimpleNamespace(conf=self.conf),
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
    monkeypatch.setattr(steps, "Variable", world)
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
        world.variables = {
            "zoho_learner_progress_courses": '["5/6"]',
            "zoho_learner_progress_learners": '["7"]',
            "zoho_learner_progress_output": str(world.root),
        }
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
        world.variables = variables
        assert words in world.refusal()
        assert world.server.received == []

    def test_does_not_mind_a_variable_that_is_not_needed(self, world: World) -> None:
        world.server.script(Token().reply())
        world.variables = {"zoho_learner_progress_courses": "not JSON"}
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
        assert [path for path in world.root.rglob("*") if path.is_file()] == []

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
            "Plan: 20 tasks (1 courses × 2 learners × 10 entity types), at least 20 requests"
        )


SPENT = {"pages": 1, "requests": 2, "held_seconds": 114.0, "first_at": 100.0, "last_at": 160.0}


class TestPublishing:
    @pytest.fixture
    def planned(self, world: World) -> World:
        world.server.script(Token().reply())
        world.params["entity_types"] = ["files"]
        world.check()
        return world

    @staticmethod
    def fetch(world: World, learner_id: str, count: int) -> None:
        unit = Unit(Course(COURSES[0]), learner_id, EntityType.FILES)
        world.staging.add_page(unit, page(0, count), datetime.now(UTC), world.context["run_id"])

    def test_returns_counts_and_paths_only(self, planned: World) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        self.fetch(planned, LEARNERS[1], 0)
        published = steps.publish_snapshot(planned.context, planned.plan, [SPENT, SPENT])
        assert json.loads(json.dumps(published)) == published
        assert (published["rows"], published["files"]) == (3, 1)
        assert published["spent"] == {**SPENT, "pages": 2, "requests": 4, "held_seconds": 228.0}
        assert not [text for text in (*LEARNERS, "file 1000") if text in json.dumps(published)]
        coverage = pq.read_table(planned.root / published["coverage"])
        assert sorted(coverage["outcome"].to_pylist()) == ["empty", "fetched"]

    def test_a_complete_run_is_reported_and_its_staging_removed(
        self, planned: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        self.fetch(planned, LEARNERS[1], 0)
        published = steps.publish_snapshot(planned.context, planned.plan, [SPENT, SPENT])
        with caplog.at_level(logging.INFO, logger="zoho_people.steps"):
            steps.report(planned.context, planned.plan, published, conn_id=CONN_ID)
        assert "4 requests sent for 2 pages; slots held for 228 s" in caplog.text
        assert [path for path in planned.root.glob("_staging/**/*") if path.is_file()] == []

    def test_a_missing_learner_fails_the_report_by_name_and_keeps_the_rest(self, planned: World) -> None:
        self.fetch(planned, LEARNERS[0], 3)
        published = steps.publish_snapshot(planned.context, planned.plan, [SPENT])
        with pytest.raises(AirflowFailException) as error:
            steps.report(planned.context, planned.plan, published, conn_id=CONN_ID)
        assert str(error.value).startswith("1 of 2 units are missing: ")
        assert LEARNERS[1] in str(error.value)
        assert LEARNERS[0] not in str(error.value)
        assert planned.staging.progress(Unit(Course(COURSES[0]), LEARNERS[0], EntityType.FILES)).done

    def test_a_run_without_any_request_is_reported_too(self, planned: World) -> None:
        published = steps.publish_snapshot(planned.context, planned.plan, [])
        with pytest.raises(AirflowFailException, match="2 of 2 units are missing"):
            steps.report(planned.context, planned.plan, published, conn_id=CONN_ID)
