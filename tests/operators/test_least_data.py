"""Both operators where the deployer wants less of learners kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.fetching.test_least_data import COURSE, KEY, LEARNER, OTHER, Source, organisation_of
from tests.helpers.fakes import Clock, context, page
from tests.helpers.kept_text import kept_text
from tests.helpers.operators import within
from zoho_people.dags.run_operators import RunListOperator
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.learner_courses import LEARNER_COURSES
from zoho_people.model.entity_type import EntityType
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.unit import Course, Unit
from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator
from zoho_people.operators.lists import ZohoListOperator
from zoho_people.planning.plan_file import PlanWriter
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.staging.staged_lists import staged_learners
from zoho_people.steps.request import ParamValues, run_request
from zoho_people.steps.run_params import DEFAULTS, RunParams
from zoho_people.zoho.errors import LearnerNotFound

Set = Callable[..., None]
UNIT = Unit(Course(COURSE), KEY.of(LEARNER), EntityType.FILES)


@pytest.fixture
def deployer_sets(monkeypatch: pytest.MonkeyPatch) -> Set:
    def set_options(**options: str) -> None:
        for name, value in options.items():
            monkeypatch.setenv(f"AIRFLOW__ZOHO_PEOPLE__{name.upper()}", value)

    monkeypatch.setenv("AIRFLOW_CONN_KEY", json.dumps({"conn_type": "generic", "password": KEY.secret}))
    return set_options


class World:
    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.root = root
        self.zoho = Source(self.clock)
        self.zoho.organisation = organisation_of(self.clock)
        self.context = context()

    @property
    def key(self) -> str:
        return Staging.run_key(self.context["ti"].dag_id, self.context["run_id"])

    @property
    def staging(self) -> Staging:
        return Staging(str(self.root), self.key)

    def fetch(self, **unit: Any) -> Any:
        named = {"course": COURSE, "learner_id": UNIT.learner_id, "entity_type": "files"}
        task = within(ZohoLearnerProgressOperator, self.clock, self.zoho)(
            task_id="fetch", output_path=str(self.root), deferrable=False, **(unit or named)
        )
        return task.execute(self.context)

    def read_lists(self) -> None:
        options: dict[str, Any] = {"output_path": str(self.root), "deferrable": False}
        kind = within(ZohoListOperator, self.clock, self.zoho)
        kind(task_id="a", endpoint="courses", **options).execute(self.context)
        self.context = context()
        kind(task_id="b", endpoint="learners", courses=[COURSE], **options).execute(self.context)

    def refusal(self, **unit: Any) -> str:
        with pytest.raises(AirflowFailException) as error:
            self.fetch(**unit)
        assert not self.zoho.asked
        return str(error.value)

    def kept(self) -> str:
        """All that was written."""
        return kept_text(self.root)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "data")


def test_a_learners_courses_are_asked_for_by_the_own_id_and_kept_under_the_pseudonym(
    world: World, deployer_sets: Set, caplog: pytest.LogCaptureFixture
) -> None:
    deployer_sets(pseudonym_conn_id="key")
    courses = {"courseId": COURSE, "learnerName": "Ada Example", "trainer": int(LEARNER)}
    world.zoho.organisation.have(LEARNER_COURSES.of(learner_id=LEARNER), courses)
    within(ZohoListOperator, world.clock, world.zoho)(
        task_id="c",
        endpoint="learner_courses",
        learner_ids=[LEARNER],
        output_path=str(world.root),
        deferrable=False,
    ).execute(world.context)
    lists = ListStaging(str(world.root), world.key)
    [found] = lists.complete(LEARNER_COURSES)
    assert found.learner_id == UNIT.learner_id
    assert [each.record for each in lists.records(found)] == [
        {"courseId": COURSE, "trainer": UNIT.learner_id}
    ]
    assert LEARNER not in world.kept() + caplog.text
    assert "Ada" not in world.kept() + caplog.text


class TestFetching:
    @pytest.mark.parametrize("named", [LEARNER, UNIT.learner_id])
    def test_asks_for_the_learner_and_keeps_the_pseudonym(
        self, world: World, deployer_sets: Set, caplog: pytest.LogCaptureFixture, named: str
    ) -> None:
        deployer_sets(pseudonym_conn_id="key")
        world.zoho.answers = [page(0, 2)]
        world.fetch(course=COURSE, learner_id=named, entity_type="files")
        assert world.zoho.asked == [(COURSE, None, LEARNER, "files", 0)]
        assert world.staging.table(UNIT)["learner_id"].to_pylist() == [UNIT.learner_id] * 2
        assert LEARNER not in world.kept() + caplog.text

    def test_notes_an_error_without_the_learners_id(
        self, world: World, deployer_sets: Set, caplog: pytest.LogCaptureFixture
    ) -> None:
        deployer_sets(pseudonym_conn_id="key")
        world.zoho.answers = [LearnerNotFound(f"no learner {LEARNER}", http_status=404)]
        world.fetch()
        staged = world.staging.unit(UNIT)
        assert staged is not None
        assert staged.error == f"no learner {UNIT.learner_id}"
        assert LEARNER not in world.kept() + caplog.text

    @pytest.mark.parametrize("planned", [LEARNER, UNIT.learner_id])
    def test_takes_a_plan_of_the_kind_that_is_set_and_no_other(
        self, world: World, deployer_sets: Set, planned: str
    ) -> None:
        with PlanWriter.opened(world.staging.store, world.key) as plan:
            plan.add([PlannedUnit(Unit(Course(COURSE), planned, EntityType.FILES), Reason.NEW)])
        settings = ["", "key"] if planned == LEARNER else ["key", ""]
        deployer_sets(pseudonym_conn_id=settings[1])
        assert "[zoho_people] pseudonym_conn_id is" in world.refusal(planned={"first": 0, "count": 1})
        deployer_sets(pseudonym_conn_id=settings[0])
        world.zoho.answers = [page(0, 2)]
        world.fetch(planned={"first": 0, "count": 1})
        assert world.zoho.asked[0][2] == LEARNER

    def test_asks_for_nobody_by_a_pseudonym(self, world: World) -> None:
        assert "is a pseudonym, and [zoho_people] pseudonym_conn_id is empty" in world.refusal()

    def test_is_refused_without_the_key(self, world: World, deployer_sets: Set) -> None:
        deployer_sets(pseudonym_conn_id="another")
        assert "there is no connection 'another'" in world.refusal()


class TestLists:
    SECRETS = ("Ada Example", "ada@example.com", "Bob Example")

    def test_are_kept_below_the_root_of_names(self, world: World, deployer_sets: Set) -> None:
        people = world.root.parent / "people"
        deployer_sets(learners_root=str(people))
        world.read_lists()
        assert not world.root.exists()
        lists = ListStaging(str(people), world.key)
        assert [each.record["learnerName"] for each in lists.records(COURSE_LEARNERS.of(Course(COURSE)))] == [
            "Ada Example",
            "Bob Example",
        ]

    @pytest.mark.parametrize("root", ["", "off"])
    def test_hold_no_names_where_they_must_not(self, world: World, deployer_sets: Set, root: str) -> None:
        deployer_sets(learners_root=root, pseudonym_conn_id="" if root else "key")
        world.read_lists()
        kept = world.kept()
        assert not [text for text in self.SECRETS if text in kept]
        lists = ListStaging(str(world.root), world.key)
        names = [learner if root else KEY.of(learner) for learner in (LEARNER, OTHER)]
        assert list(staged_learners(lists, Course(COURSE))) == sorted(names)
        assert (LEARNER in kept) == bool(root)

    def test_hold_names_where_nothing_is_set(self, world: World) -> None:
        world.read_lists()
        kept = world.kept()
        assert not [text for text in (*self.SECRETS, LEARNER) if text not in kept]

    @pytest.mark.parametrize("here", ["", "off"])
    def test_are_not_read_where_a_run_was_checked_with_other_settings(
        self, world: World, deployer_sets: Set, here: str
    ) -> None:
        """A host without the option would keep names."""
        checked = {"learners_root": "off"} if not here else {}
        values = ParamValues(RunParams, DEFAULTS, (), {}, lambda name: None)
        request = run_request(values, default_output_path=str(world.root), snapshot_date=date(2026, 11, 25))
        world.context["ti"].others["check_request", "return_value"] = replace(
            request, privacy=checked
        ).to_json()
        deployer_sets(learners_root=here)
        with pytest.raises(AirflowFailException, match="learners_root is not what it was"):
            RunListOperator(task_id="a", endpoint="courses").pre_execute(world.context)

    def test_are_not_read_without_the_key(self, world: World, deployer_sets: Set) -> None:
        deployer_sets(pseudonym_conn_id="another")
        with pytest.raises(AirflowFailException, match="there is no connection 'another'"):
            world.read_lists()
        assert not world.zoho.organisation.asked

    def test_of_a_learner_are_not_read_by_a_pseudonym(self, world: World) -> None:
        task = within(ZohoListOperator, world.clock, world.zoho)(
            task_id="a",
            output_path=str(world.root),
            endpoint="learner_courses",
            learner_ids=[UNIT.learner_id],
        )
        with pytest.raises(AirflowFailException, match="is a pseudonym, and"):
            task.execute(world.context)
        assert not world.zoho.organisation.asked
