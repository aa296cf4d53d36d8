from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.lists import COURSE_LIST, course_item, stage_list
from tests.steps.world import World
from zoho_people.endpoints.courses import BATCHES
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.staged_lists import listed_courses
from zoho_people.steps.course_titles import CourseTitles

NAMES = {
    "1": "Safety basics",
    "2": "Fire drill",
    "3": "",
    "4": "Twice",
    "5": "Twice",
    "6": "x" * 300,
    "7": None,
}


@pytest.fixture
def titles(tmp_path: Path) -> CourseTitles:
    lists = ListStaging(str(tmp_path), "run")
    stage_list(lists, COURSE_LIST, *(course_item(key, 2, courseName=name) for key, name in NAMES.items()))
    batches: list[Any] = [
        {"batchId": 21, "name": "Batch\nOne"},
        {"batchId": 22},
        {"batchId": 23, "name": "y" * 99},
    ]
    stage_list(lists, BATCHES.of(Course("2")), *batches)
    return CourseTitles(listed_courses(lists), lists)


@pytest.mark.parametrize(
    ("course", "title"),
    [
        ("1", "Safety basics"),
        ("2/21", "Fire drill · Batch One"),
        ("2/22", "Fire drill · batch 22"),
        ("2/23", f"Fire drill · {'y' * 39}…"),
        ("2/24", "Fire drill · batch 24"),
        ("1/9", "Safety basics · batch 9"),
        ("3", "3"),
        ("7/71", "7/71"),
        ("404/1", "404/1"),
        ("4", "Twice (4)"),
        ("6", f"{'x' * 39}…"),
    ],
)
def test_a_course_is_called_by_its_name_where_zoho_listed_one(
    titles: CourseTitles, course: str, title: str
) -> None:
    assert titles.of(Course.parse(course)) == title


def test_several_courses_are_called_by_the_first_the_last_and_their_number(titles: CourseTitles) -> None:
    courses = [Course("1"), Course("404"), Course("2", "21")]
    assert titles.of_several(courses) == "Safety basics … Fire drill · Batch One · 3 courses"
    assert titles.of_several(courses[:1]) == "Safety basics"


class TestThePlansItems:
    def test_have_the_name_that_a_roster_gave(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[12, 11], c6=[11])
        world.plan()
        assert world.course_names == ["course 5", "course 5", "course 6"]

    def test_have_no_name_where_all_were_named(self, world: World) -> None:
        world.plan()
        assert set(world.course_names) == {None}

    def test_of_several_units_have_the_first_and_the_last_course(self, world: World) -> None:
        world.params |= {"entity_types": ["files"], "units_per_task": 3}
        world.ask_for_everybody(c5=[11, 12, 13], c6=[11], c7=[11], c8=[11])
        world.plan()
        assert world.course_names == ["course 5", "course 6 … course 8 · 3 courses"]

    def test_of_several_units_have_ids_where_all_were_named(self, world: World) -> None:
        world.params |= {"courses": ["5", "6"], "units_per_task": 30}
        world.plan()
        assert world.course_names == ["5 … 6 · 2 courses", "6"]

    def test_have_no_name_of_a_learner_and_stay_small(self, world: World) -> None:
        world.params["entity_types"] = ["files"]
        world.ask_for_everybody(c5=[{"learnerId": 11, "learnerName": "Ada Lovelace"}])
        stage = BATCHES.of(Course("5"))
        stage_list(world.lists, stage, {"batchId": 1, "name": "b" * 10_000})
        world.plan()
        [item] = world.xcoms["plan", "return_value"]
        assert "Ada" not in json.dumps(item)
        assert len(json.dumps(item)) < 400
