from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from tests.helpers.fakes import NOW, Clock, Variables, context
from tests.helpers.in_a_task import in_a_task
from tests.helpers.list_fakes import Organisation
from tests.helpers.operators import within
from tests.notifications.notes import Notes
from zoho_people.endpoints.learner_courses import LEARNER_COURSES
from zoho_people.fetching.pace import HANDOVER_S, LEAD_S
from zoho_people.model.entity_type import EntityType
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.pool_names import API_POOL, POOL_SLOTS_OF_A_ROSTER
from zoho_people.model.unit import Course, Unit
from zoho_people.operators.lists import ZohoListOperator
from zoho_people.operators.paced import MAP_INDEX_TEMPLATE
from zoho_people.planning.plan_file import PlanWriter
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.staged_lists import missing_courses, staged_courses, staged_learners
from zoho_people.storage.store import Store
from zoho_people.triggers.instant import InstantTrigger
from zoho_people.zoho.errors import Forbidden, Locked, QuotaExhausted, TemporaryFailure, is_final

STARTED_AGO_S = 0.2
COUNTS = {
    "lists",
    "complete",
    "refused",
    "pages",
    "items",
    "requests",
    "held_seconds",
    "first_at",
    "last_at",
    "by_day",
    "locked",
}


class World:
    """Tasks of one run, an organisation behind their hook, and a clock that all share."""

    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.zoho = Organisation(self.clock)
        self.root = root
        self.context = context()

    @property
    def staging(self) -> ListStaging:
        key = ListStaging.run_key(self.context["ti"].dag_id, self.context["run_id"])
        return ListStaging(str(self.root), key)

    @property
    def xcoms(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.context["ti"].xcoms
        return kept

    def another_task(self) -> None:
        """What comes next is another task of the same run, in a process of its own."""
        map_index = self.context["ti"].map_index + 1
        self.context = context()
        self.context["ti"].map_index = map_index
        self.clock.born_at = self.clock.now

    def task(self, **options: Any) -> ZohoListOperator:
        kind = within(ZohoListOperator, self.clock, self.zoho)
        return kind(task_id="rosters", output_path=str(self.root), **options)

    def run(self, **options: Any) -> Any:
        """Run a task to its end as Airflow does, each time it resumes in a new process; what it returns.

        None when its trigger ends it. ``deferrals`` counts.
        """
        self.deferrals = 0
        method: str | None = None
        kwargs: dict[str, Any] = {}
        while True:
            try:
                if method is None:
                    return self.task(**options).execute(self.context)
                return self.task(**options).resume_execution(method, kwargs, self.context)
            except TaskDeferred as deferred:
                method = deferred.method_name
                kwargs = {**json.loads(json.dumps(deferred.kwargs)), "event": "payload"}
                if not self.wakes(deferred.trigger):
                    return None

    def wakes(self, trigger: Any) -> bool:
        """Let the time of a deferral pass; whether the task resumes then."""
        assert isinstance(trigger, InstantTrigger)
        self.deferrals += 1
        self.clock.now = trigger.moment.timestamp() + 0.3
        self.clock.born_at = self.clock.now - STARTED_AGO_S
        return trigger.resume

    def most_in_any_window(self) -> int:
        """The most requests of any window, whenever between sending and answer each arrived."""
        moments = list(zip(self.zoho.sent_at, self.zoho.ended_at, strict=True))
        return max(sum(ended <= sent < ended + 60.0 for sent, _ in moments) + 1 for _, ended in moments)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Course 1 with nine learners (five pages), 2 with one, blended course 3 with batches 31 and 32."""
    world = World(tmp_path)
    world.zoho.have_course("1", *range(101, 110))
    world.zoho.have_course("2", 101)
    world.zoho.have_blended("3", b31=[102, 103], b32=[])
    return world


@pytest.fixture
def listed(world: World) -> World:
    """The same, the course list read by an earlier task."""
    world.run(endpoint="courses")
    world.another_task()
    world.zoho.asked.clear()
    world.zoho.sent_at.clear()
    world.zoho.ended_at.clear()
    return world


class TestTheCourses:
    def test_are_returned_in_shares_once_the_slots_were_held(self, world: World) -> None:
        began_at = world.clock.now
        assert world.run(endpoint="courses", shards=2) == [["1", "3"], ["2"]]
        assert world.clock.now >= began_at + 60.0 - LEAD_S - HANDOVER_S
        assert world.deferrals == 1

    def test_are_kept_for_the_plan(self, world: World) -> None:
        world.run(endpoint="courses", courses=["3/31", "1"], exclude=["name:nothing*"])
        assert world.staging.chosen() == [Course("3", "31"), Course("1")]

    def test_are_at_most_so_many_shares(self, world: World) -> None:
        for number in range(4, 40):
            world.zoho.have_course(str(number))
        shares = world.run(endpoint="courses")
        assert len(shares) == 6
        assert sorted(int(text) for share in shares for text in share) == [*range(1, 40)]

    def test_come_with_counts_beside_them(self, world: World) -> None:
        world.run(endpoint="courses")
        assert set(world.xcoms) == {"counts"}
        counts = world.xcoms["counts"]
        assert set(counts) == COUNTS
        assert (counts["items"], counts["pages"], counts["requests"]) == (3, 2, 2)

    def test_pass_the_filters(self, world: World) -> None:
        assert world.run(endpoint="courses", include='["type:blended", "2"]', exclude=["2"]) == [["3"]]

    @pytest.mark.parametrize(("named", "state"), [([], "published"), (["1"], None)])
    def test_are_listed_by_their_state_unless_they_are_named(
        self, world: World, named: list[str], state: str | None
    ) -> None:
        world.run(endpoint="courses", courses=named)
        assert set(world.zoho.states) == {state}

    def test_come_with_a_warning_of_filters_that_match_nothing(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.run(endpoint="courses", exclude=["name:nothing*", "2"])
        assert "The filter exclude name:nothing* matches none of the courses" in caplog.text
        assert "id:2" not in caplog.text

    def test_that_are_not_listed_fail_at_once(self, world: World) -> None:
        with pytest.raises(AirflowFailException, match="Zoho lists no course 9"):
            world.run(endpoint="courses", courses=["9"])

    def test_waited_for_in_the_worker_are_the_same(self, world: World) -> None:
        assert world.run(endpoint="courses", deferrable=False) == [["1"], ["2"], ["3"]]
        assert world.deferrals == 0

    def test_of_a_cleared_task_are_not_asked_for_again(self, world: World) -> None:
        world.run(endpoint="courses")
        asked = len(world.zoho.asked)
        world.another_task()
        assert world.run(endpoint="courses", courses=["2"]) == [["2"]]
        assert len(world.zoho.asked) == asked
        assert world.staging.chosen() == [Course("2")]


class TestTheRosters:
    def test_are_read_to_their_end_whatever_the_type(self, listed: World) -> None:
        assert listed.run(endpoint="learners", courses=["1", "2", "3"]) is None
        batches = [Course("3", "31"), Course("3", "32")]
        assert staged_courses(listed.staging) == [Course("1"), Course("2"), *batches]
        assert missing_courses(listed.staging) == []
        assert len(staged_learners(listed.staging, Course("1"))) == 9

    @pytest.mark.parametrize("slots", [1, 2, 5, 100])
    def test_take_no_more_requests_in_a_window_than_slots(self, listed: World, slots: int) -> None:
        listed.run(endpoint="learners", courses=["1", "2", "3"], pool_slots=slots)
        assert len(listed.zoho.asked) == 9
        assert listed.most_in_any_window() == min(slots, 9)
        assert listed.deferrals == -(-9 // slots)

    @pytest.mark.parametrize("slots", [1, 3])
    def test_waited_for_in_the_worker_keep_the_same_pace(self, listed: World, slots: int) -> None:
        result = listed.run(endpoint="learners", courses=["1", "2"], pool_slots=slots, deferrable=False)
        assert listed.most_in_any_window() == slots
        assert (result["items"], result["requests"]) == (10, 6)

    def test_leave_counts_and_nothing_else(self, listed: World) -> None:
        listed.run(endpoint="learners", courses=["1", "3"])
        assert set(listed.xcoms) == {"return_value"}
        counts = listed.xcoms["return_value"]
        assert set(counts) == COUNTS
        assert (counts["lists"], counts["complete"], counts["items"]) == (4, 4, 9 + 2 + 2)
        assert counts["requests"] == counts["pages"] == 8

    def test_go_on_after_a_crash_at_the_page_that_is_missing_and_not_too_soon(self, listed: World) -> None:
        listed.zoho.disturbed[3] = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            listed.run(endpoint="learners", courses=["1"])
        last_known = listed.zoho.ended_at[2]
        listed.zoho.disturbed.clear()
        listed.context["ti"].try_number += 1
        listed.run(endpoint="learners", courses=["1"])
        assert [start for _, start in listed.zoho.asked] == [0, 2, 4, 6, 6, 8]
        assert listed.zoho.sent_at[4] >= last_known + 60.0

    def test_are_asked_for_after_the_lead_of_their_process(self, listed: World) -> None:
        began_at = listed.clock.now
        listed.run(endpoint="learners", courses=["2"])
        assert listed.zoho.sent_at == [began_at + LEAD_S]

    def test_are_asked_for_when_the_requests_of_tasks_that_are_gone_leave_room(self, listed: World) -> None:
        listed.zoho.room_at = listed.clock.now + 17.0
        listed.run(endpoint="learners", courses=["2"])
        assert listed.zoho.sent_at == [listed.zoho.room_at]

    def test_without_the_course_list_fail_and_say_what_to_clear(self, world: World) -> None:
        with pytest.raises(AirflowFailException, match="not staged: the list of courses"):
            world.run(endpoint="learners", courses=["1"])
        assert world.zoho.asked == []

    def test_of_a_course_that_is_refused_are_missing_and_the_others_there(self, listed: World) -> None:
        listed.zoho.disturbed[0] = Forbidden("Zoho answered HTTP 403", http_status=403)
        listed.run(endpoint="learners", courses=["1", "2"])
        assert listed.xcoms["return_value"]["refused"] == 1
        listed.staging.choose([Course("1"), Course("2")])
        assert missing_courses(listed.staging) == [(Course("1"), "Zoho answered HTTP 403")]

    def test_of_a_cleared_task_are_asked_for_where_they_were_refused(self, listed: World) -> None:
        listed.zoho.disturbed[0] = Forbidden("no", http_status=403)
        listed.run(endpoint="learners", courses=["2", "1"])
        asked = len(listed.zoho.asked)
        listed.another_task()
        listed.run(endpoint="learners", courses=["2", "1"])
        assert [name for name, _ in listed.zoho.asked[asked:]] == ["the learners of course 2"]


class TestWhatHinders:
    def test_a_lock_is_told_once(self, listed: World) -> None:
        listed.context["dag"] = DAG("zoho_learner_progress", schedule=None)
        listed.zoho.disturbed[1] = Locked("locked", http_status=429, retry_after_s=300.0)
        notes = Notes()
        with in_a_task(Variables()):
            listed.run(endpoint="learners", courses=["1"], on_lock=notes)
        assert notes.sent == ["lock"]

    def test_a_lock_is_waited_out_and_the_same_page_asked_for(self, listed: World) -> None:
        listed.zoho.disturbed[1] = Locked("locked", http_status=429, retry_after_s=300.0)
        listed.run(endpoint="learners", courses=["1"])
        assert [start for _, start in listed.zoho.asked] == [0, 2, 2, 4, 6, 8]
        assert listed.zoho.sent_at[2] >= listed.zoho.ended_at[1] + 300.0

    def test_a_failure_is_raised_once_the_slots_were_held(self, listed: World) -> None:
        listed.zoho.disturbed[2] = TemporaryFailure("server error", http_status=503)
        with pytest.raises(TemporaryFailure, match="server error"):
            listed.run(endpoint="learners", courses=["1"])
        assert listed.clock.now >= listed.zoho.ended_at[2] + 60.0 - LEAD_S - HANDOVER_S
        assert listed.xcoms["return_value"]["requests"] == 3

    def test_a_failure_of_the_course_list_leaves_no_shares(self, world: World) -> None:
        world.zoho.disturbed[0] = TemporaryFailure("server error", http_status=503)
        with pytest.raises(TemporaryFailure):
            world.run(endpoint="courses")
        assert set(world.xcoms) == {"counts"}

    @pytest.mark.parametrize("deferrable", [True, False])
    @pytest.mark.parametrize(
        "spent", [QuotaExhausted("spent", http_status=429), QuotaExhausted("spent", retry_after_s=9e3)]
    )
    def test_a_spent_quota_fails_the_task_for_the_day_and_says_what_to_clear(
        self, listed: World, spent: QuotaExhausted, deferrable: bool
    ) -> None:
        listed.zoho.disturbed[1] = spent
        with pytest.raises(QuotaExhausted) as error:
            listed.run(endpoint="learners", courses=["1"], deferrable=deferrable)
        assert is_final(error.value)
        assert str(error.value) == (
            "the daily quota ended while the lists were read; clear the run's failed tasks tomorrow (UTC), and it "
            "goes on from here (spent)"
        )
        assert listed.clock.now >= listed.zoho.ended_at[-1] + 60.0 - LEAD_S - HANDOVER_S
        listed.zoho.disturbed.clear()
        listed.another_task()
        listed.run(endpoint="learners", courses=["1"], deferrable=deferrable)
        assert [start for _, start in listed.zoho.asked] == [0, 2, 2, 4, 6, 8]

    def test_a_spent_quota_fails_the_course_list(self, world: World) -> None:
        world.zoho.disturbed[0] = QuotaExhausted("spent", http_status=429)
        with pytest.raises(QuotaExhausted, match="clear the run's failed tasks tomorrow"):
            world.run(endpoint="courses")

    def test_counts_that_cannot_be_had_do_not_keep_the_slots_from_being_held(self, listed: World) -> None:
        def breaks_the_first_list() -> None:
            for path in (listed.root / "_staging").rglob("rosters/course-2.arrow"):
                path.write_text("no longer what it was")

        listed.zoho.meanwhile = breaks_the_first_list
        assert listed.run(endpoint="learners", courses=["2", "1"]) is None
        counts = listed.xcoms["return_value"]
        assert set(counts) == COUNTS
        assert (counts["requests"], counts["pages"]) == (6, 0)


class TestTheDaysCount:
    TODAY = datetime.fromtimestamp(NOW, UTC).date()

    def test_has_a_tasks_requests_when_it_ends(self, listed: World) -> None:
        before = listed.zoho.ledger.spent(self.TODAY)
        listed.run(endpoint="learners", courses=["1", "2"])
        assert listed.zoho.ledger.spent(self.TODAY) == before + 6

    def test_has_those_of_a_task_that_fails(self, world: World) -> None:
        world.zoho.disturbed[1] = TemporaryFailure("server error", http_status=503)
        with pytest.raises(TemporaryFailure):
            world.run(endpoint="courses")
        assert world.zoho.ledger.spent(self.TODAY) == 2

    def test_is_left_to_a_run_that_counts_for_its_tasks(self, world: World) -> None:
        world.run(endpoint="courses", counted_by_run=True)
        assert world.zoho.ledger.spent(self.TODAY) == 0


@pytest.mark.parametrize(
    "options",
    [
        {"endpoint": "rosters"},
        {"endpoint": "learners"},
        {"endpoint": "courses", "courses": ["x"]},
        {"endpoint": "courses", "include": ["Safety"]},
    ],
)
def test_what_cannot_be_fails_before_a_request(world: World, options: dict[str, Any]) -> None:
    with pytest.raises(AirflowFailException):
        world.run(**options)
    assert world.zoho.asked == []


def test_an_operator_and_a_mapping_have_the_same_pool_and_slots(world: World) -> None:
    task = world.task(endpoint="courses")
    assert (task.pool, task.pool_slots) == (API_POOL, POOL_SLOTS_OF_A_ROSTER)
    with DAG("d", schedule=None):
        mapped = ZohoListOperator.partial(task_id="r", endpoint="learners", output_path="/x").expand(
            courses=[["1"]]
        )
    assert (mapped.pool, mapped.partial_kwargs["pool_slots"]) == (API_POOL, POOL_SLOTS_OF_A_ROSTER)
    assert mapped.partial_kwargs["map_index_template"] == MAP_INDEX_TEMPLATE


def test_a_dag_may_say_which_pool_and_slots_its_tasks_take() -> None:
    with DAG("d", schedule=None, default_args={"pool": "mine", "pool_slots": 2, "output_path": "/x"}):
        task = ZohoListOperator(task_id="r", endpoint="courses")
    assert (task.pool, task.pool_slots, task.output_path) == ("mine", 2, "/x")


@pytest.mark.parametrize(
    ("courses", "label"),
    [
        (["7"], "1 course: 7"),
        (["7", "8/9"], "2 courses, from 7 on"),
        (None, "learners"),
    ],
)
def test_a_task_says_in_the_grid_what_it_reads(world: World, courses: Any, label: str) -> None:
    assert world.task(endpoint="learners", courses=courses).label == label


class TestTheCoursesOfLearners:
    LEARNERS = ("11", "12", "13")

    @pytest.fixture
    def learners(self, world: World) -> World:
        """Three of them, with three courses (two pages), one and none."""
        for learner, courses in zip(self.LEARNERS, ([1, 2, 3], [1], []), strict=True):
            world.zoho.have(LEARNER_COURSES.of(learner_id=learner), *courses)
        return world

    def test_are_read_for_those_who_are_named(self, learners: World) -> None:
        learners.run(endpoint="learner_courses", learner_ids=["11", "13"])
        assert learners.zoho.asked == [
            ("the courses of learner 11", 0),
            ("the courses of learner 11", 2),
            ("the courses of learner 13", 0),
        ]
        counts = learners.xcoms["return_value"]
        assert (counts["lists"], counts["complete"], counts["requests"]) == (2, 2, 3)
        assert len(learners.staging.complete(LEARNER_COURSES)) == 2

    def test_are_read_for_all_of_the_plan_share_by_share(self, learners: World) -> None:
        with PlanWriter.opened(Store(str(learners.root)), learners.staging.key) as plan:
            units = (Unit(Course("1"), learner, EntityType.FILES) for learner in self.LEARNERS)
            plan.add([PlannedUnit(unit, Reason.CARRIED) for unit in units])
        for number in (0, 1):
            learners.run(endpoint="learner_courses", share={"number": number, "of": 2})
            learners.another_task()
        found = learners.staging.complete(LEARNER_COURSES)
        assert {each.learner_id for each in found} == set(self.LEARNERS)
        assert len(learners.zoho.asked) == 4
        assert learners.most_in_any_window() <= 2 * POOL_SLOTS_OF_A_ROSTER

    def test_need_learners(self, learners: World) -> None:
        for options in ({}, {"learner_ids": ["11"], "share": {"number": 0, "of": 1}}):
            with pytest.raises(
                AirflowFailException, match="by learner_ids, or those of the run's plan by share"
            ):
                learners.run(endpoint="learner_courses", **options)
        assert learners.zoho.asked == []
