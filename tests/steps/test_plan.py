from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.helpers.lists import refuse
from tests.helpers.watching import calls_of
from tests.steps.world import (
    ALL_TYPES,
    CONN_ID,
    LEARNERS,
    SPENT,
    STEPS_LOGGER,
    World,
    connect,
    item,
    refusal,
    unit_of,
)
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.model.planned_unit import Reason
from zoho_people.model.unit import Course
from zoho_people.shared.booking import spread
from zoho_people.steps.plan import LONGEST_RUN, plan_units


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def planned(*ranges: tuple[int, int]) -> list[dict[str, dict[str, int]]]:
    return [{"planned": {"first": first, "count": count}} for first, count in ranges]


class TestThePlan:
    def test_gives_one_item_a_unit_and_spends_no_request(self, world: World) -> None:
        items = world.plan()
        assert items == [item(learner, name) for name in ALL_TYPES for learner in LEARNERS]
        assert [request.target for request in world.server.received] == ["/oauth/v2/token"]

    def test_is_kept_in_staging_for_the_tasks_and_for_publishing(self, world: World) -> None:
        items = world.plan()
        assert world.plan_file.to_fetch(0, 100) == [unit_of(each) for each in items]

    def test_tells_its_figures_in_an_xcom_that_names_nobody(self, world: World) -> None:
        world.plan()
        assert world.figures == {
            "units": 20,
            "by_reason": {"named": 20},
            "requests": 20,
            "postponed": 0,
            "minutes": 0.0,
            "daily_budget": None,
            "quota_left": None,
            "spent_today": 0,
            "forgotten": 0,
            "filters_without_match": [],
            "impossible": 0,
        }

    def test_knows_how_long_it_takes_at_the_least(self, world: World) -> None:
        world.params["learner_ids"] = [str(number) for number in range(1, 8)]
        world.plan()
        assert (world.figures["requests"], world.figures["minutes"]) == (70, 2.0)

    def test_reckons_with_the_slots_that_the_pool_has(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.tell_pools(slots=10)
        world.params["learner_ids"] = [str(number) for number in range(1, 8)]
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER), calls_of(spread) as booked:
            world.plan()
        assert (world.figures["requests"], world.figures["minutes"]) == (70, 6.0)
        assert "at 10 requests in 60 s" in caplog.text
        assert [by["per_window"] for _, by in booked] == [10]
        assert world.told_slots == {10}

    def test_is_told_in_the_log(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
            request = world.check()
            world.plan()
        [line] = [record.getMessage() for record in caplog.records if record.name.startswith(STEPS_LOGGER)]
        assert line.startswith(f"Plan for snapshot_date={request['snapshot_date']}\n")
        assert [" ".join(row.split()) for row in line.splitlines()[2:5]] == [
            "named 20 asked: the run names the learner",
            "",
            "units to fetch 20",
        ]

    @pytest.mark.parametrize(
        ("hours_ago", "slots", "fit"), [(0, 30, 53), (10, 30, 26), (0, 10, 17), (0, 99, 53), (21, 30, 0)]
    )
    def test_asks_for_no_more_than_fits_into_what_is_left_of_the_runs_time(
        self, world: World, monkeypatch: pytest.MonkeyPatch, hours_ago: int, slots: int, fit: int
    ) -> None:
        connect(monkeypatch, world.server, window_seconds=LONGEST_RUN.total_seconds() / 2)
        world.tell_pools(slots=slots)
        world.started_at -= timedelta(hours=hours_ago)
        world.params["learner_ids"] = [str(number) for number in range(1, 14)]
        assert len(world.plan()) == fit
        assert world.figures["postponed"] == 130 - fit

    def test_that_is_refused_leaves_nothing_to_publish(self, world: World) -> None:
        world.params |= {"units_per_task": 1, "learner_ids": [str(number) for number in range(1, 200)]}
        assert "are more tasks than the" in refusal(world.plan)
        assert not world.plan_file.exists()

    def test_is_of_a_course_and_a_batch_of_it_that_are_both_named(self, world: World) -> None:
        world.params |= {"courses": ["5", "5/6"], "learner_ids": ["7"], "entity_types": ["files"]}
        assert world.plan() == [item("7", course="5"), item("7", course="5/6")]

    def test_says_where_to_look_when_nothing_was_asked_for(self, world: World) -> None:
        why = refusal(lambda: plan_units(world.context(), conn_id=CONN_ID))
        assert why == "nothing was asked for: the log of check_request says why"

    def test_makes_the_tasks_wait_in_their_workers_where_the_pool_frees_the_slots_of_deferred_ones(
        self, world: World
    ) -> None:
        world.tell_pools(include_deferred=False)
        assert {each["deferrable"] for each in world.plan()} == {False}
        world.params["units_per_task"] = 12
        world.check()
        assert world.plan() == [{**each, "deferrable": False} for each in planned((0, 12), (12, 8))]

    def test_may_be_made_once_more(self, world: World) -> None:
        assert world.plan() == world.plan()
        assert world.booked == {world.staging.key: 20}


class TestUnitsPerTask:
    def test_are_as_many_as_were_asked_for(self, world: World) -> None:
        world.params["units_per_task"] = 8
        assert world.plan() == planned((0, 8), (8, 8), (16, 4))

    def test_may_be_one_though_there_are_many(self, world: World) -> None:
        world.params |= {"units_per_task": 1, "learner_ids": [str(number) for number in range(1, 20)]}
        items = world.plan()
        assert len(items) == 190
        assert items[0] == item("1", ALL_TYPES[0])

    def test_are_more_than_one_once_there_are_many_units(self, world: World) -> None:
        world.params["learner_ids"] = [str(number) for number in range(1, 51)]
        items = world.plan()
        assert items == planned(*((first, 2) for first in range(0, 500, 2)))

    def test_cover_every_unit_exactly_once(self, world: World) -> None:
        world.params |= {"learner_ids": [str(number) for number in range(1, 14)], "units_per_task": 7}
        ranges = [(each["planned"]["first"], each["planned"]["count"]) for each in world.plan()]
        units = [unit for at in ranges for unit in world.plan_file.to_fetch(*at)]
        assert len(units) == len(set(units)) == 130

    def test_that_make_more_tasks_than_airflow_maps_are_refused_with_the_cure(self, world: World) -> None:
        world.params |= {"units_per_task": 1, "learner_ids": [str(number) for number in range(1, 200)]}
        world.check()
        assert refusal(world.plan) == (
            "1990 units at 1 a task are more tasks than the 1024 that Airflow maps; leave units_per_task "
            "empty, or raise it or [core] max_map_length"
        )
        assert world.booked == {}

    def test_fit_into_what_airflow_maps_where_none_were_asked_for(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "3")
        assert world.plan() == planned((0, 7), (7, 7), (14, 6))


class TestADryRun:
    @pytest.fixture
    def world(self, world: World) -> World:
        world.params["dry_run"] = True
        return world

    def test_has_nothing_fetched(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
            assert world.plan() == []
        assert "A dry run ends here: nothing is fetched, nothing is published" in caplog.text

    def test_tells_the_same_figures(self, world: World) -> None:
        world.plan()
        assert (world.figures["units"], world.figures["requests"]) == (20, 20)

    def test_books_no_more_than_it_has_sent_for_rosters(self, world: World) -> None:
        world.check()
        world.counted("list_courses", {**SPENT, "by_day": {today(): 3}}, key="counts")
        world.plan()
        assert world.booked == {world.staging.key: 3}


class TestWithNobodyNamed:
    def test_everybody_that_zoho_lists_is_fetched(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[12, 11], c6=[11])
        assert world.plan() == [item("11", course="5"), item("12", course="5"), item("11", course="6")]
        assert world.figures["by_reason"] == {"new": 3}

    def test_who_has_not_changed_is_carried_forward(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[11, 12])
        world.complete()
        world.ask_for_everybody(c5=[11, 12, 13])
        assert world.plan() == [item("13", course="5")]
        assert world.figures["by_reason"] == {"new": 1, "carried": 2}
        assert world.figures["units"] == 1

    @pytest.mark.parametrize(("days", "reasons"), [(3, {"due": 1}), (4, {"carried": 1})])
    def test_who_was_last_fetched_too_long_ago_is_asked_again(
        self, world: World, days: int, reasons: dict[str, int]
    ) -> None:
        world.params |= {"entity_types": ["files"], "full_every_days": days}
        world.ask_for_everybody(c5=[11])
        world.complete(days_ago=3)
        world.ask_for_everybody(c5=[11])
        world.plan()
        assert world.figures["by_reason"] == reasons

    def test_a_full_refresh_fetches_everybody(self, world: World) -> None:
        world.params |= {"entity_types": ["files"], "refresh": "full"}
        for run in ("first", "second"):
            world.begin_run(run)
            world.ask_for_everybody(c5=[11])
            [each] = world.plan()
            world.fetch(each, 2)
            world.publish()
        assert world.figures["by_reason"] == {"full": 1}

    def test_who_is_not_listed_any_more_has_not_left_on_the_same_day(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[11, 12])
        world.complete()
        world.ask_for_everybody(c5=[12])
        world.plan()
        assert world.figures["by_reason"] == {"carried": 2}

    @pytest.mark.parametrize(("skips", "reasons"), [(True, {"absent": 2, "probe": 3}), (False, {"new": 5})])
    def test_a_type_that_the_course_does_not_have_is_asked_of_some_only_if_so_wished(
        self, world: World, skips: bool, reasons: dict[str, int]
    ) -> None:
        world.params |= {"entity_types": ["files"], "skip_absent_types": skips}
        world.ask_for_everybody(c5=range(11, 16))
        world.complete(0)
        world.ask_for_everybody(c5=range(21, 26))
        world.plan()
        assert {name: world.figures["by_reason"].get(name, 0) for name in reasons} == reasons

    @pytest.mark.parametrize(("skips", "asked"), [(True, 0), (False, 2)])
    @pytest.mark.parametrize("refresh", ["changed", "full"])
    def test_a_course_without_batches_is_asked_for_sessions_only_if_so_wished(
        self, world: World, refresh: str, skips: bool, asked: int
    ) -> None:
        world.params |= {
            "entity_types": ["files", "sessions"],
            "skip_absent_types": skips,
            "refresh": refresh,
        }
        world.ask_for_everybody(c5=[11, 12])
        items = world.plan()
        assert [each["entity_type"] for each in items].count("sessions") == asked
        assert world.figures["impossible"] == 2 - asked
        assert world.figures["by_reason"].get("absent", 0) == 2 - asked
        for each in items:
            world.fetch(each)
        world.publish()
        outcomes = [row["outcome"] for row in world.coverage if row["entity_type"] == "sessions"]
        assert outcomes == ["type_absent" if skips else "empty"] * 2

    def test_a_filter_that_matches_nothing_is_in_the_figures_and_the_log(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.params |= {"entity_types": ["files"], "exclude": ["name:[x]*", "6"]}
        world.ask_for_everybody(c5=[11], c6=None)
        world.plan()
        assert world.figures["filters_without_match"] == ["exclude name:[x]*"]
        assert "The filter exclude name:[x]* matches none of the courses" in caplog.text

    def test_a_course_whose_learners_are_not_known_keeps_nobody_else_from_being_fetched(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[11], c6=None, c7=None)
        refuse(world.lists, COURSE_LEARNERS.of(Course("6")), "HTTP 403")
        assert world.plan() == [item("11", course="5")]
        for course, why in (("6", "HTTP 403"), ("7", "not read")):
            assert (
                f"The learners of course {course} are not known, so nothing is fetched of it: {why}"
            ) in caplog.text

    @pytest.mark.parametrize("learners_of", [{}, {"c5": []}])
    def test_and_nobody_to_fetch_the_run_is_refused(
        self, world: World, learners_of: dict[str, list[int]]
    ) -> None:
        world.ask_for_everybody(**learners_of)
        assert refusal(world.plan).startswith(
            "there is nobody to fetch: no course that the filters leave has "
        )

    def test_and_none_could_be_read_the_run_is_refused_with_what_to_clear(self, world: World) -> None:
        world.ask_for_everybody(c5=[], c6=None)
        refuse(world.lists, COURSE_LEARNERS.of(Course("6")), "HTTP 403")
        assert refusal(world.plan) == (
            "there is nobody to fetch: the learners of 1 course are not known, such as those of 6 (HTTP 403); "
            "mend that, and clear read_rosters with what follows it"
        )
        assert ("plan", "plan") not in world.xcoms

    def test_and_no_lists_the_plan_says_which_task_to_clear(self, world: World) -> None:
        world.params |= {"courses": [], "learner_ids": []}
        world.check()
        assert refusal(world.plan).startswith("not staged: the list of courses")


class TestARosterFile:
    def test_says_who_is_fetched(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_by_file("course_id,batch_id,learner_id\n5,,12\n5,6,13\n5,,11\n")
        assert world.plan() == [
            item("13", course="5/6"),
            item("11", course="5"),
            item("12", course="5"),
        ]

    def test_has_those_asked_again_who_are_in_it_and_takes_nobody_else_for_left(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[11, 12])
        for each in world.plan():
            world.fetch(each, 2)
        world.publish()
        world.begin_run("by file")
        world.ask_by_file("course_id,learner_id\n5,12\n")
        assert world.plan() == [item("12", course="5")]
        assert world.figures["by_reason"] == {"changed": 1}

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("course_id,learner_id\n5,Jane Doe\n", "line 2, column learner_id"),
            ("course_id,learner_id\n", "it has no rows"),
        ],
    )
    def test_that_cannot_be_is_refused_by_place_and_quotes_nothing(
        self, world: World, text: str, words: str
    ) -> None:
        world.ask_by_file(text)
        world.check()
        why = refusal(world.plan)
        assert words in why
        assert "Jane" not in why
        assert not world.plan_file.exists()


class TestTheDailyBudget:
    @pytest.fixture
    def world(self, world: World, monkeypatch: pytest.MonkeyPatch) -> World:
        connect(monkeypatch, world.server, daily_limit=10, reserve_percent=20)
        return world

    def test_bounds_what_is_fetched_and_books_it(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
            assert len(world.plan()) == 8
        assert world.booked == {world.staging.key: 8}
        assert world.figures == {
            "units": 8,
            "by_reason": {"named": 8, "postponed": 12},
            "requests": 8,
            "postponed": 12,
            "minutes": 0.0,
            "daily_budget": 8,
            "quota_left": 0,
            "spent_today": 0,
            "forgotten": 0,
            "filters_without_match": [],
            "impossible": 0,
        }
        assert "Left for another day: 12 units. The longest not tried come first" in caplog.text
        assert "100%  of 8 requests; 0 are spent or booked" in caplog.text

    def test_is_shared_with_the_other_runs_of_the_day(self, world: World) -> None:
        world.params["entity_types"] = ["files", "links", "contents"]
        assert len(world.plan()) == 6
        world.begin_run("scheduled__2026-11-23")
        assert len(world.plan()) == 2
        assert world.figures["spent_today"] == 6
        world.begin_run("another")
        assert world.plan() == []
        assert world.figures["postponed"] == 6

    def test_is_not_spent_twice_by_a_plan_that_is_repeated(self, world: World) -> None:
        assert len(world.plan()) == 8
        world.check()
        assert len(world.plan()) == 8
        assert world.booked == {world.staging.key: 8}

    def test_goes_to_those_first_who_were_not_fetched_for_longest(self, world: World) -> None:
        world.params["entity_types"] = ["files", "links", "contents", "sessions", "feedbacks"]
        first = world.plan()
        for each in first:
            world.fetch(each)
        world.publish()
        world.begin_run("the next")
        everybody = [item(learner, name) for learner in LEARNERS for name in world.params["entity_types"]]
        left_out = [each for each in everybody if each not in first]
        world.variables.clear()
        world.tell_pools()
        assert len(left_out) == 2
        second = world.plan()
        assert [each for each in second if each in left_out] == left_out
        assert [each for each in second if each in first] == first[:6]

    def test_has_what_the_rosters_have_already_spent(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=range(11, 31))
        world.xcoms["list_courses", "counts"] = {**SPENT, "by_day": {today(): 1}}
        world.counted("read_rosters", {**SPENT, "by_day": {today(): 2}}, SPENT)
        assert len(world.plan()) == 5
        assert world.figures["spent_today"] == 3
        assert world.booked == {world.staging.key: 8}

    def test_has_what_a_run_that_is_checked_once_more_has_already_spent(self, world: World) -> None:
        world.plan()
        world.counted("fetch", {**SPENT, "by_day": {today(): 2, "2020-01-01": 40}}, SPENT)
        world.check()
        assert len(world.plan()) == 6
        assert world.booked == {world.staging.key: 8}

    def test_that_is_not_known_bounds_nothing_and_is_booked_all_the_same(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        connect(monkeypatch, world.server)
        assert len(world.plan()) == 20
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
        assert world.plan() == []
        assert "nothing is fetched before the next UTC day" in caplog.text
        assert world.figures["by_reason"] == {"postponed": 20}
        assert world.booked == {world.staging.key: 0}

    def test_that_carries_units_over_keeps_them_in_the_plan(self, world: World) -> None:
        world.plan()
        counts = world.plan_file.counts()
        assert (counts[Reason.NAMED], counts[Reason.POSTPONED]) == (8, 12)


def test_the_items_are_json(world: World) -> None:
    items = world.plan()
    assert json.loads(json.dumps(items)) == items
