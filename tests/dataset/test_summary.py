from __future__ import annotations

from typing import Any

from tests.dataset.samples import DAY, NOON, RUN_ID, cover, publish_units, stage, unit
from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.staging import Staging
from zoho_people.dataset.summary import summarize


def summary(staging: Staging, *units: Unit) -> list[list[str]]:
    publish_units(staging, *units)
    text = summarize(cover(staging, *units), DAY)
    return [line.split() for line in text.splitlines()]


def graded(test_id: int, mark: object, status: str | None, of: object = 50) -> dict[str, Any]:
    return {"testId": test_id, "userMark": mark, "testMark": of, "status": status, "testName": "Ada Lovelace"}


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
    (_, line) = summary(staging, unit(1), unit(2), unit(3))
    assert line == ["100002000000039001", "online_tests", "3", "6", "33%", "63.3%", "1", *"000000"]


def test_there_is_a_line_per_course_and_entity_type(staging: Staging) -> None:
    units = [
        unit(1, course, kind)
        for course in (Course("1"), Course("1", "2"))
        for kind in (EntityType.FILES, EntityType.LINKS)
    ]
    for each in units:
        stage(staging, each, {"id": 1})
    lines = summary(staging, *units)
    assert [line[:4] for line in lines[1:]] == [
        ["1", "files", "1", "1"],
        ["1", "links", "1", "1"],
        ["1/2", "files", "1", "1"],
        ["1/2", "links", "1", "1"],
    ]


def test_outcomes_are_counted_where_there_is_no_file(staging: Staging) -> None:
    for learner, outcome in ((1, "not_found"), (2, "forbidden"), (3, "failed")):
        staging.add_outcome(unit(learner), outcome, None, NOON, RUN_ID)
    (heading, line) = summary(staging, *(unit(learner) for learner in range(1, 5)))
    assert heading[-7:-3] == ["empty", "not_found", "forbidden", "failed"]
    assert heading[-3:] == ["carried_forward", "type_absent", "left"]
    assert line == ["100002000000039001", "online_tests", "0", "0", "-", "-", "0", "1", "1", "2", *"000"]


def test_only_this_runs_learners_count(root: Any, staging: Staging) -> None:
    stage(staging, unit(1), graded(1, 1, "completed"))
    publish_units(staging, unit(1))
    again = Staging(root, "run-2")
    stage(again, unit(2), graded(1, 50, "x"), graded(2, 50, "x"))
    assert summary(again, unit(2))[1][2:6] == ["1", "2", "0%", "100.0%"]


def test_no_learner_is_named(staging: Staging) -> None:
    learner = unit(9007199254740993)
    stage(staging, learner, graded(1, 41.5, "completed"))
    text = str(summary(staging, learner))
    assert "Ada" not in text
    assert learner.learner_id not in text


def test_columns_are_aligned(staging: Staging) -> None:
    stage(staging, unit(1), graded(1, 1, "x"))
    publish_units(staging, unit(1))
    text = summarize(cover(staging, unit(1)), DAY)
    assert len({len(line) for line in text.splitlines()}) == 1
