from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.samples import DAY, NOON, RUN_ID, cover, publish_units, stage, unit
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.publishing.report_tables import MOST_LINES, summarize
from zoho_people.staging.progress_pages import Staging


def summary(staging: Staging, *units: Unit) -> tuple[list[list[str]], list[list[str]]]:
    """The cells of the two tables, line by line: what is in the dataset, and the units by outcome."""
    publish_units(staging, *units)
    progress, outcomes = summarize(cover(staging, *units), DAY).split("\n\n")
    return [line.split() for line in progress.splitlines()], [line.split() for line in outcomes.splitlines()]


def graded(test_id: int, mark: object, status: str | None, of: object = 50) -> dict[str, Any]:
    return {"testId": test_id, "userMark": mark, "testMark": of, "status": status, "testName": "Ada Lovelace"}


@pytest.fixture
def root(object_store: Any) -> Any:
    return object_store


def test_a_line_counts_learners_entities_completed_and_marks(staging: Staging) -> None:
    stage(
        staging,
        unit(1),
        graded(1, 50, "completed"),
        graded(2, 20, "COMPLETED"),
        graded(3, None, "inprogress"),
    )
    stage(staging, unit(2), graded(1, 5, None, of=0), graded(2, 5, None, of=None), graded(3, 5, "x", of=10))
    stage(staging, unit(3))
    progress, outcomes = summary(staging, unit(1), unit(2), unit(3))
    assert progress == [
        ["learners", "entities", "completed", "mean", "mark"],
        ["course", "100002000000039001"],
        ["online_tests", "3", "6", "33%", "63.3%"],
    ]
    assert outcomes == [["outcome", "units"], ["fetched", "2"], ["empty", "1"]]


def test_there_is_a_line_per_entity_type_below_its_course(staging: Staging) -> None:
    units = [
        unit(1, course, kind)
        for course in (Course("1"), Course("1", "2"))
        for kind in (EntityType.FILES, EntityType.LINKS)
    ]
    for each in units:
        stage(staging, each, {"id": 1})
    progress, _ = summary(staging, *units)
    assert [line[:2] for line in progress[1:]] == [
        ["course", "1"],
        ["files", "1"],
        ["links", "1"],
        ["course", "1/2"],
        ["files", "1"],
        ["links", "1"],
    ]


def test_every_entity_type_of_a_course_is_told(staging: Staging) -> None:
    units = [unit(1, entity_type=kind) for kind in EntityType]
    for each in units:
        stage(staging, each)
    progress, _ = summary(staging, *units)
    assert [line[0] for line in progress[1:]] == ["course", *(kind.label for kind in EntityType)]


def test_many_courses_are_summed_up_by_entity_type(staging: Staging) -> None:
    units = [
        unit(learner, Course(str(course)), kind)
        for course in range(1, MOST_LINES)
        for kind in (EntityType.FILES, EntityType.LINKS)
        for learner in (1, 2)
    ]
    for each in units:
        stage(staging, each, {"id": 1, "status": "completed" if each.learner_id == "1" else None})
    progress, outcomes = summary(staging, *units)
    learners = str(2 * (MOST_LINES - 1))
    assert progress[1:] == [
        ["all", "courses"],
        ["files", learners, learners, "50%", "-"],
        ["links", learners, learners, "50%", "-"],
    ]
    assert outcomes[1:] == [["fetched", str(len(units))]]


def test_outcomes_are_counted_where_there_is_no_file(staging: Staging) -> None:
    for learner, outcome in ((1, "not_found"), (2, "forbidden"), (3, "failed")):
        staging.add_outcome(unit(learner), outcome, None, NOON, RUN_ID)
    progress, outcomes = summary(staging, *(unit(learner) for learner in range(1, 5)))
    assert progress[-1] == ["online_tests", "0", "0", "-", "-"]
    assert outcomes[1:] == [["not_found", "1"], ["forbidden", "1"], ["failed", "2"]]


def test_only_this_runs_learners_count(root: Any, staging: Staging) -> None:
    stage(staging, unit(1), graded(1, 1, "completed"))
    publish_units(staging, unit(1))
    again = Staging(root, "run-2")
    stage(again, unit(2), graded(1, 50, "x"), graded(2, 50, "x"))
    progress, _ = summary(again, unit(2))
    assert progress[-1] == ["online_tests", "1", "2", "0%", "100.0%"]


def test_no_learner_is_named(staging: Staging) -> None:
    learner = unit(9007199254740993)
    stage(staging, learner, graded(1, 41.5, "completed"))
    text = str(summary(staging, learner))
    assert "Ada" not in text
    assert learner.learner_id not in text


def test_columns_are_aligned(staging: Staging) -> None:
    stage(staging, unit(1), graded(1, 1, "x"))
    publish_units(staging, unit(1))
    progress, _ = summarize(cover(staging, unit(1)), DAY).split("\n\n")
    heading, _, line = progress.splitlines()
    assert len(heading) == len(line)


def test_no_line_is_wider_than_a_screen(staging: Staging) -> None:
    batch = Course("9" * 19, "8" * 19)
    long = unit(1, batch, EntityType.POST_LEARNING_TESTS)
    stage(staging, long, {"testId": 1, "userMark": 1, "testMark": 3})
    publish_units(staging, long)
    assert max(map(len, summarize(cover(staging, long), DAY).splitlines())) < 100
