from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.helpers.faults import failing
from tests.helpers.local_server import Reply, resets, says
from tests.steps.world import (
    ALL_TYPES,
    COURSES,
    LEARNERS,
    STEPS_LOGGER,
    World,
    connect,
    item,
    unit_of,
)
from zoho_people.model.run_xcoms import Request
from zoho_people.shared.election import BALLOT_FRESH_S, BALLOT_WAIT_S
from zoho_people.shared.pools import POOLS_VARIABLE, write_pools
from zoho_people.shared.process import Process
from zoho_people.staging.run_marker import MARKER, mark_begun
from zoho_people.steps.check import needs_rosters
from zoho_people.steps.dag_names import PROJECT_DATA, DagNames, project_data
from zoho_people.steps.output_path import STAGING_KEPT, remove_stale_staging
from zoho_people.steps.run_params import DEFAULTS
from zoho_people.storage.store import Store
from zoho_people.zoho.errors import TemporaryFailure


class TestTheCheck:
    def test_gives_the_request_as_json_and_spends_no_request(self, world: World) -> None:
        given = world.check()
        assert json.loads(json.dumps(given)) == given
        assert Request.from_json(given) == Request(
            courses=tuple(COURSES),
            learner_ids=tuple(LEARNERS),
            roster_file=None,
            include=(),
            exclude=(),
            entity_types=tuple(ALL_TYPES),
            output_path=str(world.root),
            snapshot_date=date.fromisoformat(given["snapshot_date"]),
            slots=30,
        )
        assert [request.target for request in world.server.received] == ["/oauth/v2/token"]

    def test_takes_the_utc_day_on_which_it_is_made(self, world: World) -> None:
        late = datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC)
        world.process = replace(world.process, now=late.timestamp)
        assert Request.from_json(world.check()).snapshot_date == date(2026, 11, 25)

    def test_refuses_a_scheduler_that_frees_a_silent_tasks_slot_within_the_window(self, world: World) -> None:
        told = json.loads(world.variables[POOLS_VARIABLE])
        world.variables[POOLS_VARIABLE] = json.dumps({**told, "heartbeat_timeout_s": 30.0})
        assert "task_instance_heartbeat_timeout is 30 s" in world.refused_check()
        assert not world.server.received

    def test_refuses_a_run_of_a_backfill_and_says_what_to_do_instead(self, world: World) -> None:
        world.run_type = "backfill"
        why = world.refused_check()
        assert why.startswith("this DAG can't be backfilled: Zoho tells only the present")
        assert "trigger a single run" in why
        assert not world.server.received

    @pytest.mark.parametrize(
        ("param", "value"),
        [
            ("refresh", "full"),
            ("full_every_days", 3),
            ("skip_absent_types", False),
            ("units_per_task", 7),
            ("dry_run", True),
        ],
    )
    def test_passes_every_param_on(self, world: World, param: str, value: object) -> None:
        world.params[param] = value
        assert world.check()[param] == value

    @pytest.mark.parametrize("param", ["include", "exclude"])
    def test_passes_the_filters_on_where_nobody_is_named(self, world: World, param: str) -> None:
        world.params |= {"learner_ids": [], param: ["name:Safety*"]}
        assert world.check()[param] == ["name:Safety*"]

    def test_takes_what_is_left_empty_from_the_variables(self, world: World) -> None:
        world.params |= {"courses": [], "learner_ids": [], "output_path": None}
        world.variables.update(
            {
                "zoho_learner_progress_courses": '["5/6"]',
                "zoho_learner_progress_learners": '["7"]',
                "zoho_learner_progress_output": str(world.root),
            }
        )
        given = world.check()
        assert (given["courses"], given["learner_ids"]) == (["5/6"], ["7"])
        assert given["output_path"] == str(world.root)

    def test_takes_the_roster_file_from_its_variable_where_nobody_is_named(self, world: World) -> None:
        world.params |= {"courses": [], "learner_ids": []}
        world.ask_by_file("course_id,learner_id\n1,5\n")
        path = world.params.pop("roster_file")
        world.variables["zoho_learner_progress_roster_file"] = path
        assert world.check()["roster_file"] == path

    def test_asks_for_everybody_where_nobody_is_named(self, world: World) -> None:
        world.params |= {"courses": [], "learner_ids": []}
        given = world.check()
        assert (given["courses"], given["learner_ids"], given["roster_file"]) == ([], [], None)

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({}, "learners are named and no course is"),
            ({"zoho_learner_progress_courses": "[]"}, "learners are named and no course is"),
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
        assert words in world.refused_check()
        assert world.server.received == []

    def test_does_not_mind_a_variable_that_is_not_needed(self, world: World) -> None:
        world.variables["zoho_learner_progress_courses"] = "not JSON"
        assert world.check()["courses"] == COURSES

    def test_writes_below_the_project_where_no_path_is_given(self, world: World) -> None:
        assert (Path(PROJECT_DATA).parent / "plugins" / "zoho_people").is_dir()
        world.dag_names = DagNames(data=str(world.root / "default"))
        world.params["output_path"] = None
        assert world.check()["output_path"] == str(world.root / "default")

    def test_refuses_a_param_that_there_is_not(self, world: World) -> None:
        world.conf = {"courses": COURSES, "learners": LEARNERS}
        assert world.refused_check() == (
            f"Param 'learners' is unknown; allowed: {', '.join(sorted(DEFAULTS))}"
        )
        assert world.server.received == []

    def test_takes_what_the_run_was_triggered_with(self, world: World) -> None:
        world.conf = {"courses": ["5/6"], "entity_types": ["links"]}
        given = world.check()
        assert (given["courses"], given["entity_types"]) == (["5/6"], ["links"])

    def test_refuses_what_the_run_was_triggered_with_where_airflow_ignores_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRFLOW__CORE__DAG_RUN_CONF_OVERRIDES_PARAMS", "False")
        world.conf = {"courses": ["5/6"]}
        assert "[core] dag_run_conf_overrides_params = True" in world.refused_check()
        assert world.server.received == []
        world.conf = None
        assert world.check()["courses"] == COURSES


class TestTheOutputPath:
    def test_that_cannot_be_written_to_is_refused(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        world.params["output_path"] = str(tmp_path / "file")
        assert "can't be written to" in world.refused_check()
        assert world.server.received == []

    def test_of_a_kind_that_nothing_is_installed_for_is_refused(self, world: World) -> None:
        world.allow("s3://nobody@bucket")
        world.params["output_path"] = "s3://nobody@bucket/zoho"
        assert "can't be written to" in world.refused_check()

    def test_has_nothing_but_origin_and_the_runs_mark_where_writing_was_tried(self, world: World) -> None:
        world.check()
        assert {file.name for file in world.files("")} == {"origin.json", MARKER}

    def test_is_at_or_below_a_root_that_the_deployer_allows(self, world: World, tmp_path: Path) -> None:
        world.allow(f"s3://aws_default@bucket/zoho, {tmp_path}/data")
        assert world.check()["output_path"] == str(world.root)
        world.params["output_path"] = f"{world.root}//team/./x/../y/"
        assert world.check()["output_path"] == str(world.root / "team" / "y")

    @pytest.mark.parametrize(
        "outside", ["{}", "{}/data2", "{}/data/../data2", "file://{}/elsewhere", "s3://bucket/zoho"]
    )
    @pytest.mark.parametrize("source", ["Param output_path", "Variable zoho_learner_progress_output"])
    def test_elsewhere_is_refused_with_the_roots_and_the_cure(
        self, world: World, tmp_path: Path, outside: str, source: str
    ) -> None:
        world.allow(f"{tmp_path}/data")
        value = outside.format(tmp_path)
        world.params["output_path"] = value if source.startswith("Param") else None
        world.variables["zoho_learner_progress_output"] = value
        message = world.refused_check()
        assert message.startswith(f"{source} '")
        assert f"is outside of where this Airflow may read and write ({tmp_path}/data)" in message
        assert "[zoho_people] allowed_roots (AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS)" in message
        assert world.server.received == []
        assert not (tmp_path / "data2").exists()

    def test_elsewhere_by_a_symbolic_link_is_refused(self, world: World, tmp_path: Path) -> None:
        world.allow(f"{tmp_path}/data")
        world.root.mkdir()
        (world.root / "link").symlink_to(tmp_path)
        world.params["output_path"] = str(world.root / "link" / "x")
        assert "is outside of where" in world.refused_check()
        assert not (tmp_path / "x").exists()

    def test_of_the_project_is_refused_where_the_deployer_allows_others_only(
        self, world: World, tmp_path: Path
    ) -> None:
        world.allow(f"{tmp_path}/data")
        world.params["output_path"] = None
        assert world.refused_check().startswith(f"The default of output_path '{PROJECT_DATA}' is outside")

    @pytest.mark.parametrize("root", ["data", "ftp://host/x", "s3://AKIA:SECRET@bucket"])
    def test_is_refused_where_a_root_of_the_deployer_cannot_be(self, world: World, root: str) -> None:
        world.allow(root)
        message = world.refused_check()
        assert message.startswith("[zoho_people] allowed_roots: ")
        assert "SECRET" not in message

    def test_within_a_dataset_is_refused(self, world: World) -> None:
        world.params["output_path"] = str(world.root / "learner_progress" / "entity_type=files")
        assert "is within a dataset's own folders" in world.refused_check()


class TestTheOutputPathWhereTheDeployerSaysNothing:
    @pytest.fixture(autouse=True)
    def project(self, world: World) -> None:
        world.allow("")
        world.dag_names = DagNames(data=str(world.root))

    def test_is_in_the_projects_own_data(self, world: World) -> None:
        world.params["output_path"] = str(world.root / "team")
        assert world.check()["output_path"] == str(world.root / "team")

    @pytest.mark.parametrize("named", [None, "/srv/zoho"])
    def test_is_nowhere_for_an_installed_package(self, world: World, named: str | None) -> None:
        installed = Path("/venv/lib/python3.12/site-packages/zoho_people")
        world.dag_names = DagNames(data=project_data(installed))
        world.params["output_path"] = named
        message = world.refused_check()
        assert "output_path" in message
        assert "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS" in message
        assert world.server.received == []

    def test_is_where_the_variable_says_or_below(self, world: World, tmp_path: Path) -> None:
        world.variables["zoho_learner_progress_output"] = f"{tmp_path}/named/"
        world.params["output_path"] = None
        assert world.check()["output_path"] == f"{tmp_path}/named"
        world.params["output_path"] = f"{tmp_path}/named/team"
        assert world.check()["output_path"] == f"{tmp_path}/named/team"

    @pytest.mark.parametrize("outside", ["{}/other", "file://{}/other", "s3://aws_default@bucket/zoho"])
    def test_is_nowhere_else_for_who_may_only_trigger(
        self, world: World, tmp_path: Path, outside: str
    ) -> None:
        world.params["output_path"] = outside.format(tmp_path)
        assert f"may read and write ({world.root})" in world.refused_check()

    def test_a_variable_that_cannot_be_is_named(self, world: World) -> None:
        world.variables["zoho_learner_progress_output"] = "s3://key:SECRET@bucket"
        message = world.refused_check()
        assert message.startswith("Variable zoho_learner_progress_output 's3://…'")
        assert "SECRET" not in message

    def test_a_roster_file_is_there_too_or_the_one_that_its_variable_names(
        self, world: World, tmp_path: Path
    ) -> None:
        for path in (world.root / "rosters" / "may.csv", tmp_path / "other.csv"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("course_id,learner_id\n1,5\n")
        world.params |= {"courses": [], "learner_ids": [], "roster_file": f"{world.root}/rosters/may.csv"}
        assert world.check()["roster_file"] == f"{world.root}/rosters/may.csv"
        world.params["roster_file"] = f"{tmp_path}/other.csv"
        assert world.refused_check().startswith(f"Param roster_file '{tmp_path}/other.csv' is outside")
        world.variables["zoho_learner_progress_roster_file"] = f"{tmp_path}/other.csv"
        assert world.check()["roster_file"] == f"{tmp_path}/other.csv"


class TestTheConnection:
    def test_with_an_unknown_key_is_refused(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        connect(monkeypatch, world.server, datacenter="eu")
        assert "unknown key 'datacenter'" in world.refused_check()
        assert world.server.received == []

    def test_with_wrong_credentials_is_found_before_any_task_does(self, world: World) -> None:
        world.server.script(says({"error": "invalid_client"}))
        assert "client id or client secret is wrong" in world.refused_check()

    @pytest.mark.parametrize("reply", [resets, says({}, status=503)])
    def test_whose_server_is_out_of_reach_may_be_there_at_the_next_try(
        self, world: World, reply: Reply
    ) -> None:
        world.server.script(reply)
        with pytest.raises(TemporaryFailure):
            world.check(token=False)
        assert ("check_request", "return_value") not in world.xcoms

    def test_that_was_stopped_may_be_tried_again(self, world: World) -> None:
        world.hook.gate.stop("the refresh token was revoked")
        world.check()
        world.hook.gate.refuse_while_closed(time.time())

    def test_that_is_locked_stays_so_since_tasks_wait_it_out(self, world: World) -> None:
        until = world.hook.gate.lock(time.time() + 300.0)
        world.check()
        assert world.hook.gate.state().locked_until == pytest.approx(until, abs=0.01)

    def test_that_has_a_token_needs_no_other(self, world: World) -> None:
        world.check()
        world.check(token=False)
        assert len(world.server.received) == 1


class TestATokenThatMayNotBeMintedNow:
    def test_is_waited_for_by_the_tasks(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        naps: list[float] = []
        world.process = Process(sleep=naps.append)
        world.server.script(says({"error": "Access Denied"}))
        assert world.check(token=False)["courses"] == COURSES
        assert "the tasks wait for it" in caplog.text
        assert naps == [BALLOT_WAIT_S]

    def test_is_waited_for_here_where_another_task_mints_it(self, world: World) -> None:
        claim = "zoho_people_token_claim_zoho_people_default"
        world.variables[claim] = f"{time.time():.3f} somebody"
        naps: list[float] = []

        def rival_gives_up(seconds: float) -> None:
            if not naps:
                del world.variables[claim]
            naps.append(seconds)

        world.process = Process(sleep=rival_gives_up)
        world.check()
        assert naps == [BALLOT_FRESH_S, BALLOT_WAIT_S]
        assert len(world.server.received) == 1

    def test_is_waited_for_here_only_once(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        naps: list[float] = []
        world.process = Process(sleep=naps.append)
        world.variables["zoho_people_token_claim_zoho_people_default"] = f"{time.time():.3f} somebody"
        assert world.check(token=False)["courses"] == COURSES
        assert len(naps) == 1
        assert "the tasks wait for it" in caplog.text
        assert world.server.received == []


class TestThePools:
    def test_that_are_missing_stop_the_run_before_anything_is_sent(self, world: World) -> None:
        world.variables[POOLS_VARIABLE] = write_pools({}, seen_at=time.time())
        assert "the pool zoho_people_api is missing; make it in Admin, Pools, or by: " in (
            world.refused_check()
        )
        assert world.server.received == []

    def test_that_free_the_slots_of_deferred_tasks_make_the_tasks_wait_in_their_workers(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.tell_pools(include_deferred=False)
        assert world.check()["may_defer"] is False
        assert "does not include deferred tasks" in caplog.text

    @pytest.mark.parametrize("slots", [30, 5])
    def test_as_they_should_be_need_no_word(
        self, world: World, caplog: pytest.LogCaptureFixture, slots: int
    ) -> None:
        world.tell_pools(slots=slots)
        assert world.check()["may_defer"] is True
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

    def test_of_which_the_scheduler_said_nothing_make_the_tasks_wait_in_their_workers(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        del world.variables[POOLS_VARIABLE]
        assert world.check()["may_defer"] is False
        assert "did not tell the state of the pool" in caplog.text

    @pytest.mark.parametrize("text", ["somebody typed here", "[]", '{"zoho_people_api": 5}', "5"])
    def test_in_a_text_that_is_nobodys_are_not_known(
        self, world: World, caplog: pytest.LogCaptureFixture, text: str
    ) -> None:
        world.variables[POOLS_VARIABLE] = text
        assert world.check()["may_defer"] is False
        assert "did not tell the state of the pool" in caplog.text

    def test_that_were_seen_before_the_run_are_not_known(self, world: World) -> None:
        world.started_at += timedelta(seconds=120)
        assert world.check()["may_defer"] is False

    @pytest.mark.parametrize("slots", [0, 2, -1])
    def test_of_which_that_of_publishing_has_another_size_than_one_are_refused(
        self, world: World, slots: int
    ) -> None:
        world.tell_pools(publish_slots=slots)
        assert "zoho_people_publish" in world.refused_check()

    def test_that_a_roster_task_would_never_get_into_are_refused_only_where_rosters_are_read(
        self, world: World
    ) -> None:
        world.tell_pools(slots=4)
        assert world.check()["may_defer"] is True
        world.params |= {"courses": [], "learner_ids": []}
        assert "a task that reads rosters takes 5" in world.refused_check()

    def test_that_a_roster_task_would_never_get_into_are_those_of_the_dag(self, world: World) -> None:
        world.dag_names = DagNames(pool="eu_api", publish_pool="eu_publish")
        world.tell_pools(slots=4)
        world.params |= {"courses": [], "learner_ids": []}
        assert "the pool eu_api has 4 slots, and a task that reads rosters takes 5" in world.refused_check()


def named(world: World) -> None:
    """Name courses and learners, as the world's Params do."""


def by_file(world: World) -> None:
    world.ask_by_file("course_id,learner_id\n1,5\n")


class TestRosters:
    @pytest.mark.parametrize("name_everybody", [named, by_file])
    def test_are_not_needed_where_everybody_is_named(
        self, world: World, name_everybody: Callable[[World], None]
    ) -> None:
        name_everybody(world)
        world.check()
        assert needs_rosters(world.context()) is False

    @pytest.mark.parametrize("courses", [[], COURSES])
    def test_are_needed_where_no_learner_is_named(self, world: World, courses: list[str]) -> None:
        world.params |= {"courses": courses, "learner_ids": []}
        world.check()
        assert needs_rosters(world.context()) is True

    def test_says_where_to_look_when_nothing_was_asked_for(self, world: World) -> None:
        with pytest.raises(AirflowFailException, match="the log of check_request says why"):
            needs_rosters(world.context())


class TestACheckOnceMore:
    def test_starts_anew(self, world: World) -> None:
        world.plan()
        one = item(LEARNERS[0])
        world.fetch(one, 2)
        world.check()
        assert world.staging.progress(unit_of(one)).pages == 0
        assert not world.plan_file.exists()

    def test_leaves_other_runs_alone(self, world: World) -> None:
        world.fetch(item(LEARNERS[0]), 2)
        world.begin_run("another")
        world.check()
        world.begin_run("manual__2026-11-23T10:00:00+00:00")
        assert world.staging.progress(unit_of(item(LEARNERS[0]))).done

    def test_that_is_refused_leaves_what_was_staged(self, world: World) -> None:
        world.fetch(item(LEARNERS[0]), 2)
        world.conf = {"nonsense": 1}
        world.refused_check()
        assert world.staging.progress(unit_of(item(LEARNERS[0]))).done


class TestStaleStaging:
    @staticmethod
    def staged(world: World, run: str, *, age: timedelta, is_marked: bool = True) -> Path:
        folder = world.root / "_staging" / run
        file = folder / "entity_type=files" / "course-1" / "7.arrow"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
        if is_marked:
            mark_begun(Store(str(world.root)), run, dag_run_id=run, at=datetime.now(UTC) - age)
        written_at = (datetime.now(UTC) - age).timestamp()
        for each in (path for path in folder.rglob("*") if path.is_file()):
            os.utime(each, (written_at, written_at))
        return folder

    def test_of_runs_that_nobody_completed_is_removed_with_a_word(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        stale = self.staged(world, "given-up", age=STAGING_KEPT + timedelta(minutes=1))
        fresh = self.staged(world, "under-way", age=STAGING_KEPT - timedelta(minutes=1))
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
            world.check()
        assert not stale.exists()
        assert fresh.exists()
        assert "Removed what the run given-up had staged: not completed for 7 days" in caplog.text
        assert "under-way" not in caplog.text

    def test_without_the_mark_of_this_project_is_left_with_a_word(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        others = [
            self.staged(world, name, age=timedelta(days=100), is_marked=False)
            for name in ("earlier", "other")
        ]
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
            world.check()
        assert all(folder.exists() for folder in others)
        assert (
            "Left alone below _staging: 2 folders older than 7 days, such as earlier, without" in caplog.text
        )

    def test_is_left_alone_by_a_check_that_refuses_the_run(self, world: World) -> None:
        stale = self.staged(world, "given-up", age=timedelta(days=100))
        world.server.script(says({"error": "invalid_client"}))
        world.refused_check()
        assert stale.exists()

    def test_that_cannot_be_removed_stops_nobody(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        remove_stale_staging(failing(Store(str(world.root)), "names", OSError("no storage")))
        assert "could not be removed" in caplog.text


def test_a_variable_that_cannot_be_read_is_no_empty_one(world: World) -> None:
    world.params |= {"courses": [], "learner_ids": []}
    world.variables["zoho_learner_progress_courses"] = '["5"]'
    world.airflow.broken = ("zoho_learner_progress_courses",)
    with pytest.raises(ConnectionError):
        world.check()


class TestTheCheckOfAnotherOrganisation:
    def test_looks_at_the_variables_of_its_own_dag(self, world: World) -> None:
        world.dag_names = DagNames(dag_id="zoho_eu")
        world.params |= {"courses": [], "learner_ids": [], "output_path": None}
        world.variables.update(
            {
                "zoho_eu_courses": '["5/6"]',
                "zoho_eu_learners": '["7"]',
                "zoho_eu_output": str(world.root),
                "zoho_learner_progress_courses": '["8"]',
                "zoho_learner_progress_learners": '["9"]',
                "zoho_learner_progress_output": str(world.root / "other"),
            }
        )
        given = world.check()
        assert (given["courses"], given["learner_ids"]) == (["5/6"], ["7"])
        assert given["output_path"] == str(world.root)

    def test_goes_by_its_own_pools(self, world: World) -> None:
        world.dag_names = DagNames(pool="eu_api", publish_pool="eu_publish")
        assert "the pool eu_api is missing" in world.refused_check()
        world.tell_pools(slots=12)
        assert world.check()["slots"] == 12

    @pytest.mark.parametrize("param", [None, ""])
    def test_writes_where_its_file_says(self, world: World, param: str | None) -> None:
        world.dag_names = DagNames(output_path=str(world.root / "eu"))
        world.params["output_path"] = param
        assert world.check()["output_path"] == str(world.root / "eu")

    def test_lets_a_run_write_there_and_below_where_the_deployer_sets_no_roots(self, world: World) -> None:
        world.allow("")
        world.dag_names = DagNames(output_path=str(world.root / "eu"))
        world.params["output_path"] = str(world.root / "eu" / "trial")
        assert world.check()["output_path"] == str(world.root / "eu" / "trial")
        world.params["output_path"] = str(world.root / "us")
        assert "is outside of where this Airflow may read and write" in world.refused_check()

    def test_is_refused_where_the_deployers_roots_do_not_have_what_its_file_says(self, world: World) -> None:
        world.allow(str(world.root / "us"))
        world.dag_names = DagNames(output_path=str(world.root / "eu"))
        world.params["output_path"] = None
        assert "is outside of where this Airflow may read and write" in world.refused_check()
