"""What the steps of a run, and of the DAG that forgets, make of learners who are forgotten."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.helpers.every_byte import found_in
from tests.helpers.hooked import Hooked
from tests.helpers.lists import page_of
from tests.helpers.samples import NOON
from tests.helpers.watching import calls_of
from tests.steps.world import CONN_ID, COURSES, LEARNERS, STEPS_LOGGER, World, item, refusal
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.erasing.forgetting import Forgetting
from zoho_people.model.unit import Course
from zoho_people.steps import forget as forgetting
from zoho_people.steps.claims import held_for_run
from zoho_people.steps.dag_names import DagNames
from zoho_people.steps.plan import plan_units
from zoho_people.steps.publish import publish_snapshot
from zoho_people.steps.report import report as report_run
from zoho_people.storage.claim import Claimed, Side, claimed
from zoho_people.storage.forgotten import Forgotten
from zoho_people.storage.layout import CLAIMS, FORGOTTEN_FILE, ORIGIN_FILE, run_digest
from zoho_people.storage.store import Store

ADA = LEARNERS[0]


@pytest.fixture
def world(world: World, caplog: pytest.LogCaptureFixture) -> World:
    caplog.set_level(logging.INFO, logger=STEPS_LOGGER)
    world.params["entity_types"] = ["files"]
    return world


def forget(context: Any, names: DagNames | None = None) -> None:
    forgetting.forget(context, names=names or DagNames())


def complete(world: World) -> None:
    for each in world.plan():
        world.fetch(each, 1)
    world.publish()
    world.report()


def context(
    world: World, conf: dict[str, Any] | None = None, *, dag_id: str = "forget", **params: Any
) -> Any:
    given = {"learner_ids": [], "output_path": str(world.root), "look": True, "undo": False, **params}
    return {
        "ti": SimpleNamespace(dag_id=dag_id),
        "run_id": "manual__2026-11-25T12:00:00+00:00",
        "params": given,
        "dag": SimpleNamespace(params=dict.fromkeys(given)),
        "dag_run": SimpleNamespace(conf=conf),
    }


def traces(world: World) -> set[tuple[str, str]]:
    store = Store(str(world.root))
    return found_in(store.fs, store.root, ADA)


class TestTheDagThatForgets:
    def test_erases_and_says_so_in_counts(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        complete(world)
        caplog.clear()
        assert traces(world)
        forget(context(world, learner_ids=[ADA]))
        assert traces(world) == set()
        [message] = [each for each in caplog.messages if each.startswith("Forgot 1 learner in\n")]
        assert "erased  learner_progress " in message
        assert ADA not in caplog.text

    def test_undoes(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        forget(context(world, learner_ids=[ADA]))
        forget(context(world, learner_ids=LEARNERS, undo=True))
        assert not Forgotten.read(Store(str(world.root)))
        assert "Of 2 learners 1 were forgotten" in caplog.text

    @pytest.mark.parametrize(
        ("params", "why"),
        [
            ({"learner_ids": []}, "Param learner_ids is empty"),
            ({"learner_ids": ["Ada"]}, "Param learner_ids: learner 'Ada' is not an id"),
            ({"learner_ids": [ADA], "output_path": "here"}, "Param output_path 'here' is relative"),
        ],
    )
    def test_refuses_what_cannot_be(self, world: World, params: dict[str, Any], why: str) -> None:
        assert why in refusal(lambda: forget(context(world, **params)))

    def test_refuses_a_place_that_the_deployer_does_not_allow(self, world: World) -> None:
        world.allow(str(world.root / "only-here"))
        why = refusal(lambda: forget(context(world, learner_ids=[ADA])))
        assert "is outside of where this Airflow may read and write" in why

    def test_refuses_an_unknown_param(self, world: World) -> None:
        asked = context(world, conf={"learners": [ADA]}, learner_ids=[ADA])
        asked["params"]["learners"] = [ADA]
        assert "Param 'learners' is unknown; allowed: learner_ids, look, output_path, undo" in refusal(
            lambda: forget(asked)
        )

    def test_fails_where_an_id_is_left(self, world: World) -> None:
        world.root.mkdir(parents=True)
        (world.root / "notes.txt").write_text(f"see {ADA}")
        assert "an id still stands somewhere" in refusal(lambda: forget(context(world, learner_ids=[ADA])))

    def test_uses_the_variable_for_the_output_path(self, world: World) -> None:
        world.variables["zoho_learner_progress_output"] = str(world.root)
        forget(context(world, learner_ids=[ADA], output_path=None))
        assert ADA in Forgotten.read(Store(str(world.root)))

    def test_is_tried_again_where_a_run_publishes(self, world: World) -> None:
        with claimed(Store(str(world.root)), Side.RUN, "other"), pytest.raises(Claimed):
            forget(context(world, learner_ids=[ADA]))


class TestAPlan:
    def test_by_names_leaves_out_who_was_forgotten_and_says_so(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        forget(context(world, learner_ids=[ADA]))
        caplog.clear()
        assert [each["learner_id"] for each in world.plan()] == LEARNERS[1:]
        assert world.figures["forgotten"] == 1
        assert world.figures["by_reason"] == {"named": 1}
        [warning] = [each for each in caplog.records if "were forgotten" in each.getMessage()]
        assert warning.levelno == logging.WARNING
        assert warning.getMessage().startswith("Left out, and not asked for: 1 learner ")
        assert ADA not in caplog.text

    def test_of_nobody_else_is_refused_by_that_reason(self, world: World) -> None:
        forget(context(world, learner_ids=LEARNERS))
        assert "the learners were forgotten in this output path" in refusal(world.plan)

    def test_by_a_file_leaves_them_out_too(self, world: World) -> None:
        forget(context(world, learner_ids=[ADA]))
        world.ask_by_file("course_id,learner_id\n" + "".join(f"{COURSES[0]},{each}\n" for each in LEARNERS))
        assert [each["learner_id"] for each in world.plan()] == LEARNERS[1:]

    def test_by_rosters_counts_whom_they_list_again(self, world: World) -> None:
        forget(context(world, learner_ids=[ADA]))
        world.ask_for_everybody(c5=[*LEARNERS], c6=[ADA])
        complete(world)
        assert world.figures["forgotten"] == 2
        assert {row["learner_id"] for row in world.coverage} == {LEARNERS[1]}
        assert traces(world) == set()

    def test_without_anybody_forgotten_says_nothing(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.check()
        caplog.clear()
        world.plan()
        assert world.figures["forgotten"] == 0
        assert "forgotten" not in caplog.text

    def test_is_not_made_where_who_was_forgotten_cannot_be_read(self, world: World) -> None:
        world.check()
        Store(str(world.root)).write(FORGOTTEN_FILE, b"{")
        assert "can't be read" in refusal(world.plan)


class TestARunThatIsOnItsWay:
    def test_publishes_without_who_was_forgotten_meanwhile(self, world: World) -> None:
        for each in world.plan():
            world.fetch(each, 1)
        forget(context(world, learner_ids=[ADA]))
        world.fetch(item(ADA), 1)  # its request was on its way
        world.publish()
        world.report()
        assert [row["learner_id"] for row in world.coverage] == LEARNERS[1:]
        assert traces(world) == set()

    def test_publishes_nobody_who_was_forgotten_while_the_last_page_of_a_list_was_on_its_way(
        self, world: World
    ) -> None:
        world.ask_for_everybody(c5=None)
        asked, lists = COURSE_LEARNERS.of(Course("5")), world.lists
        both = [{"learnerId": each, "learnerName": f"name of {each}"} for each in LEARNERS]
        lists.add_page(asked, page_of(asked, both[1], more=True), NOON, world.run_id)
        lists.store = Hooked(
            str(world.root), "/course-5.arrow", lambda: forget(context(world, learner_ids=[ADA]))
        )
        lists.add_page(asked, page_of(asked, both[0], start=1), NOON, world.run_id)
        assert traces(world)
        assert {each["learner_id"] for each in world.plan()} == {LEARNERS[1]}
        assert world.figures["forgotten"] == 1
        progress = lists.progress(asked)
        assert (progress.rows, progress.forgotten) == (1, 1)
        assert traces(world) == set()
        world.fetch(item(LEARNERS[1], course="5"), 1)
        world.publish()
        assert len(world.files("learners")) == 1
        assert traces(world) == set()
        world.plan()  # cleared and done again: each is counted once
        assert world.figures["forgotten"] == 1

    def test_is_refused_where_who_was_forgotten_cannot_be_read(self, world: World) -> None:
        Store(str(world.root)).write(FORGOTTEN_FILE, b"{")
        assert "forgotten.json below the output path can't be read" in world.refused_check()


class Waited(Exception):
    """A step would wait now."""


class TestAStepWhileLearnersAreForgotten:
    @pytest.fixture
    def store(self, world: World) -> Store:
        return Store(str(world.root))

    def test_waits_for_minutes_before_it_fails(self, store: Store) -> None:
        waited: list[float] = []
        with (
            claimed(store, Side.ERASURE, "other"),
            pytest.raises(Claimed),
            held_for_run([store], "run", pool="", sleep=waited.append),
        ):
            pytest.fail("both are in")
        assert sum(waited) >= 300

    def test_goes_on_once_that_is_done(self, store: Store) -> None:
        with ExitStack() as erasure:
            erasure.enter_context(claimed(store, Side.ERASURE, "other"))
            with held_for_run([store], "run", pool="", sleep=lambda _: erasure.close()):
                assert store.names(CLAIMS) == ["run-run.json"]

    @pytest.mark.parametrize("step", [plan_units, publish_snapshot, report_run])
    def test_waits_if_it_is_one_that_writes(self, world: World, store: Store, step: Any) -> None:
        world.plan()

        def wait(_: float) -> None:
            raise Waited

        with claimed(store, Side.ERASURE, "other"), pytest.raises(Waited):
            step(world.context(), conn_id=CONN_ID, sleep=wait)


class TestTheDagThatForgetsOfAnotherOrganisation:
    def test_erases_where_the_variable_of_its_own_dag_says(self, world: World) -> None:
        complete(world)
        world.variables["zoho_eu_output"] = str(world.root)
        world.variables["zoho_learner_progress_output"] = str(world.root / "other")
        forget(context(world, learner_ids=[ADA], output_path=None), DagNames("zoho_eu"))
        assert traces(world) == set()

    def test_erases_nothing_but_what_its_file_names_where_the_deployer_sets_no_roots(
        self, world: World
    ) -> None:
        complete(world)
        world.allow("")
        names = DagNames("zoho_us", output_path=str(world.root.parent / "us"))
        why = refusal(lambda: forget(context(world, learner_ids=[ADA]), names))
        assert "is outside of where this Airflow may read and write" in why
        assert traces(world)


class TestTheDagWhoseFileNamesItsOutputPath:
    @pytest.fixture(autouse=True)
    def world(self, world: World, tmp_path: Path) -> World:
        world.allow(f"{tmp_path}/eu, {tmp_path}/us")
        world.root = tmp_path / "us"
        world.params["output_path"] = str(world.root)
        return world

    @pytest.fixture
    def names(self, tmp_path: Path) -> DagNames:
        return DagNames("zoho_eu", output_path=str(tmp_path / "eu"))

    @pytest.mark.parametrize("undo", [False, True])
    @pytest.mark.parametrize("by_variable", [False, True])
    def test_touches_no_other_that_the_deployer_allows(
        self, world: World, names: DagNames, tmp_path: Path, *, by_variable: bool, undo: bool
    ) -> None:
        complete(world)
        world.variables["zoho_eu_output"] = str(world.root)
        path = None if by_variable else str(world.root)
        why = refusal(lambda: forget(context(world, learner_ids=[ADA], output_path=path, undo=undo), names))
        assert why.startswith(f"output_path '{world.root}' is outside of '{tmp_path}/eu'")
        assert "trigger the DAG whose file names the other" in why
        assert traces(world)
        assert not (world.root / FORGOTTEN_FILE).exists()

    @pytest.mark.parametrize(("given", "below"), [(None, ""), ("{}/eu", ""), ("{}/eu/team", "team")])
    def test_forgets_there_and_below(
        self, world: World, names: DagNames, tmp_path: Path, given: str | None, below: str
    ) -> None:
        path = given and given.format(tmp_path)
        forget(context(world, learner_ids=[ADA], output_path=path), names)
        assert ADA in Forgotten.read(Store(str(tmp_path / "eu" / below)))


class TestARootOfNames:
    @pytest.fixture(autouse=True)
    def names_store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
        monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT", str(tmp_path / "people"))
        return Store(str(tmp_path / "people"))

    def test_of_the_same_organisation_forgets_too(self, world: World, names_store: Store) -> None:
        complete(world)
        forget(context(world, learner_ids=[ADA]))
        assert ADA in Forgotten.read(names_store)

    @pytest.mark.parametrize("undo", [False, True])
    @pytest.mark.parametrize("below", ["", "new"])
    def test_of_another_organisation_is_left_alone(
        self, world: World, names_store: Store, below: str, *, undo: bool
    ) -> None:
        complete(world)
        names_store.write(ORIGIN_FILE, b'{"origins": ["people.zoho.com, client 0a1b"]}')
        asked = context(world, learner_ids=[ADA], output_path=str(world.root / below), undo=undo)
        why = refusal(lambda: forget(asked))
        assert f"{names_store.root} has data of people.zoho.com, client 0a1b, and nothing says that" in why
        assert "python -m zoho_people forget" in why
        assert not names_store.exists(FORGOTTEN_FILE)
        assert traces(world)


class TestTwoDagsThatForget:
    """They meet in one output path, or in one root of names."""

    @staticmethod
    def first(world: World, asked: Any, meanwhile: Callable[[], Any]) -> None:
        """An erasure as the run *asked* makes it; *meanwhile* is done while it notes whom it forgets."""
        store = Hooked(str(world.root), FORGOTTEN_FILE, meanwhile)
        name = f"dag-{run_digest(asked['ti'].dag_id, asked['run_id'])}"
        Forgetting([store], clock=lambda: NOON, name=name).forget(asked["params"]["learner_ids"])

    def test_erase_one_after_the_other(self, world: World) -> None:
        def second(dag_id: str) -> None:
            forget(context(world, dag_id=dag_id, learner_ids=[LEARNERS[1]]))

        refused: list[str] = []

        def try_second() -> None:
            with pytest.raises(Claimed) as error:
                second("eu_forget")
            refused.append(str(error.value))

        self.first(world, context(world, dag_id="us_forget", learner_ids=[ADA]), try_second)
        [why] = refused
        assert "learners are being forgotten" in why
        second("eu_forget")
        assert set(LEARNERS) == Forgotten.read(Store(str(world.root))).among(LEARNERS)

    def test_a_run_that_is_cleared_does_not_wait_for_itself(self, world: World) -> None:
        tried: list[bool] = []

        def again() -> None:
            forget(context(world, learner_ids=[ADA]))
            tried.append(True)

        self.first(world, context(world, learner_ids=[ADA]), again)
        assert tried == [True]

    def test_the_claim_says_nothing_of_what_somebody_named_the_run(self, world: World) -> None:
        asked = context(world, learner_ids=[ADA])
        with calls_of(Store.write) as writes:
            forget({**asked, "run_id": f"forget {ADA}"})
        [claim] = {by["path"] for _, by in writes if by["path"].startswith(CLAIMS)}
        assert re.fullmatch(rf"{CLAIMS}/erasure-dag-[0-9a-f]{{32}}\.json", claim)


class TestRunsOfOtherPools:
    def test_a_run_publishes_when_that_of_another_pool_is_done(self, world: World) -> None:
        for each in world.plan():
            world.fetch(each, 1)
        store, waited = Store(str(world.root)), list[float]()
        with ExitStack() as other:
            other.enter_context(claimed(store, Side.RUN, "other", pool="eu_publish"))

            def until_done(seconds: float) -> None:
                waited.append(seconds)
                assert not world.files("learner_progress")
                other.close()

            publish_snapshot(world.context("publish"), conn_id=CONN_ID, sleep=until_done)
        assert len(waited) == 1
        assert world.files("learner_progress")

    def test_a_run_waits_for_none_of_its_own_pool(self, world: World) -> None:
        world.dag_names = DagNames(publish_pool="eu_publish")
        world.tell_pools()
        for each in world.plan():
            world.fetch(each, 1)

        def wait(_: float) -> None:
            raise Waited

        with claimed(Store(str(world.root)), Side.RUN, "other", pool="eu_publish"):
            publish_snapshot(world.context("publish"), conn_id=CONN_ID, sleep=wait)
        assert world.files("learner_progress")
