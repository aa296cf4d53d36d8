"""What people bring along to a run: ids by name, and a roster file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.steps.world import COURSES, World, refusal, unit_of
from zoho_people.model.outcome import POSTPONED, Outcome
from zoho_people.model.unit import Unit
from zoho_people.storage.brought_file import BroughtFileUnreachable

ROUNDED = [f"1000020000000{number}000" for number in range(41, 44)]
TRUE = [f"10000200000004134{number}" for number in range(1, 6)]


def by_file(world: World, *learners: str) -> None:
    """Name the learners of a course by a roster file."""
    rows = [f"{COURSES[0]},{learner}" for learner in learners]
    world.ask_by_file("\n".join(["course_id,learner_id", *rows]))


def miss(world: World, unit: Unit) -> None:
    """As a task does whose learner Zoho does not find."""
    world.staging.add_outcome(unit, Outcome.NOT_FOUND, "HTTP 404", datetime.now(UTC), world.run_id)


class TestIdsThatASpreadsheetHasRounded:
    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"learner_ids": ROUNDED}, "learner_ids"),
            ({"courses": ROUNDED}, "courses"),
            ({"courses": [f"{COURSES[0]}/{batch}" for batch in ROUNDED]}, "courses"),
        ],
    )
    def test_are_refused_with_the_cure(self, world: World, params: dict[str, list[str]], field: str) -> None:
        world.params |= params
        why = world.refused_check()
        assert why.startswith(f"{field} (Param or Variable): 3 of 3 ids have nothing but zeros behind the ")
        assert "format the id columns as text" in why
        assert world.server.received == []

    def test_are_taken_with_a_warning_where_it_may_be_chance(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        world.params["learner_ids"] = [ROUNDED[0], *TRUE]
        world.check()
        assert "learner_ids: 1 of 6 ids have nothing but zeros behind the 15th digit" in caplog.text

    def test_are_refused_in_a_roster_file_with_line_and_column(self, world: World) -> None:
        by_file(world, TRUE[0], *ROUNDED, *ROUNDED)
        world.check()
        why = refusal(world.plan)
        assert why.startswith("roster file: line 3, column learner_id: 3 of 4 ids have nothing but zeros ")
        assert not world.plan_file.exists()

    def test_in_a_roster_file_are_taken_with_a_warning_where_it_may_be_chance(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        by_file(world, ROUNDED[0], *TRUE)
        world.params["entity_types"] = ["files"]
        assert len(world.plan()) == 6
        assert "line 2, column learner_id: 1 of 6 ids" in caplog.text


class TestARosterFile:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (None, "roster file: there is no such file; correct its path or URL"),
            ("PK\x03\x04", "it is a zip archive"),
            ("course_id,learner\n1,5\n", "roster file: line 1, column 2: the name is unknown"),
        ],
    )
    def test_that_cannot_be_is_refused_before_a_request_is_spent(
        self, world: World, text: str | None, words: str
    ) -> None:
        world.ask_by_file(text)
        assert words in world.refused_check()
        assert world.server.received == []

    def test_that_is_a_fifo_is_refused_at_once(self, world: World) -> None:
        world.ask_by_file(None)
        os.mkfifo(world.params["roster_file"])
        assert "a pipe" in world.refused_check()

    def test_that_cannot_be_read_for_now_is_tried_again(self, world: World) -> None:
        by_file(world, "5")
        world.check()
        path = Path(world.params["roster_file"])
        path.unlink()
        path.symlink_to(path)
        for step in (world.check, world.plan):
            with pytest.raises(BroughtFileUnreachable):
                step()
        assert not world.plan_file.exists()

    def test_larger_than_the_deployer_allows_is_refused(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ROSTER_FILE_MAX_ROWS", "1")
        by_file(world, "5", "6")
        world.check()
        assert "[zoho_people] roster_file_max_rows" in refusal(world.plan)


class TestLearnersWhomZohoDoesNotFind:
    @pytest.fixture
    def world(self, world: World) -> World:
        world.params |= {"entity_types": ["files"], "learner_ids": TRUE}
        return world

    def answer(self, world: World, *, found: int) -> None:
        for number, each in enumerate(world.plan()):
            if number < found:
                world.fetch(each, 1)
            else:
                miss(world, unit_of(each))

    def test_fail_the_run_where_they_are_most_of_those_it_names(self, world: World) -> None:
        self.answer(world, found=2)
        why = refusal(world.publish)
        assert why.startswith(
            "Zoho did not find 3 of the 5 learners that learner_ids names in any of their courses, such as "
            f"{', '.join(TRUE[2:])}. The others are published. "
        )
        assert world.published["rows"] == 2
        assert (world.published["problem"], world.published["complete"]) == (why, True)

    def test_fail_the_run_where_they_are_most_of_a_roster_file(self, world: World) -> None:
        by_file(world, *TRUE)
        self.answer(world, found=2)
        assert "3 of the 5 learners that roster_file names" in refusal(world.publish)

    @pytest.mark.parametrize("found", [3, 5])
    def test_fail_no_run_that_finds_at_least_half(self, world: World, found: int) -> None:
        self.answer(world, found=found)
        assert world.publish()["problem"] == ""

    def test_are_few_where_the_others_were_not_asked_for_this_time(self, world: World) -> None:
        units = [unit_of(each) for each in world.plan()]
        world.fetch(world.plan()[0], 1)
        for unit in units[1:3]:
            miss(world, unit)
        for unit in units[3:]:
            world.staging.add_outcome(unit, "failed", POSTPONED, datetime.now(UTC), world.run_id)
        assert world.publish()["problem"] == ""

    def test_are_known_who_are_found_in_one_of_the_courses(self, world: World) -> None:
        world.params["courses"] = ["1", "2", "3"]
        for each in world.plan():
            if each["course"] == "2" and each["learner_id"] in TRUE[:3]:
                world.fetch(each, 1)
            else:
                miss(world, unit_of(each))
        assert "any of their courses" not in refusal(world.publish)

    def test_are_counted_in_the_summary_with_a_sample(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.answer(world, found=3)
        world.publish()
        world.report()
        assert (
            f"Zoho did not find the learner of 2 units, such as course {COURSES[0]}, learner {TRUE[3]}; "
            f"course {COURSES[0]}, learner {TRUE[4]}"
        ) in caplog.messages
