"""A whole organisation by its rosters, in a real Airflow: only what changed is asked for again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from tests.emulated.journey import DAG_ID, Journey, comparable, most_in_window
from tests.helpers.every_byte import found_in

pytestmark = pytest.mark.emulated

TYPES = ["files", "links"]
WHO = ("learner_id", "learner_name", "email")
FORGET_DAG_ID = "zoho_learner_progress_forget"


@pytest.fixture
def journey(journey: Journey) -> Journey:
    """With a short window: these tests are not about the pace."""
    journey.shorten(5.0)
    return journey


@pytest.fixture
def day(journey: Journey) -> Any:
    """Sets the organisation's day; afterwards it is the first again."""
    yield lambda number: journey.post("day", {"day": number})
    journey.post("day", {"day": 0})


def truth(journey: Journey) -> list[dict[str, Any]]:
    """What Zoho has of every course and batch."""
    courses = [
        f"{course['course_id']}/{batch['batch_id']}" if batch else course["course_id"]
        for course in journey.courses()
        for batch in course["batches"] or [None]
    ]
    return [row for course in courses for row in journey.truth(course) if row["entity_type"] in TYPES]


def outcomes(journey: Journey, run_id: str) -> Counter[str]:
    return Counter(row["outcome"] for row in journey.coverage(run_id))


def plan_of(journey: Journey, run_id: str) -> Any:
    plans = [entry for entry in journey.airflow.api.xcoms(DAG_ID, run_id, "plan") if entry["key"] == "plan"]
    return plans[0]["value"]


def test_nobody_named_means_every_learner_of_every_course_and_later_only_who_changed(
    journey: Journey, day: Any
) -> None:
    params = {"entity_types": TYPES, "skip_absent_types": False}

    dry_run = {"dry_run": True, "entity_types": [*TYPES, "sessions"], "exclude": ["name:[Archived]*"]}
    state, dry = journey.run([], [], **dry_run)

    assert state == "success"
    plan = plan_of(journey, dry)
    assert plan["by_reason"] == {"new": 18 + 3, "absent": 6}
    assert (plan["impossible"], plan["filters_without_match"]) == (6, ["exclude name:[Archived]*"])
    assert journey.rows() == []
    assert journey.counted() == len(journey.arrivals()) == 6

    state, first = journey.run([], [], units_per_task=2, **params)

    assert state == "success", journey.log(first, "publish")
    assert comparable(journey.rows()) == comparable(truth(journey))
    assert len(journey.fetch_tasks(first)) == 9
    assert set(outcomes(journey, first)) <= {"fetched", "empty"}
    assert most_in_window(journey.arrivals(), journey.window_s) <= journey.threshold
    learners = journey._table("learners")
    assert len(learners) == 9
    assert len(journey._table("courses")) == 5

    sent = len(journey.arrivals())
    day(20)
    state, second = journey.run([], [], **params)

    assert state == "success", journey.log(second, "publish")
    assert comparable(journey.rows()) == comparable(truth(journey))
    reasons = plan_of(journey, second)["by_reason"]
    assert reasons["changed"] + reasons["carried"] == 18
    assert reasons["changed"] > 0
    assert outcomes(journey, second)["carried_forward"] == reasons["carried"] > 0
    assert len(journey.arrivals()) - sent < sent

    ada = learners[0]
    forget(journey, ada)
    day(21)
    state, third = journey.run([], [], **params)

    assert state == "success", journey.log(third, "publish")
    assert traces(journey, ada) == set()
    others = [row for row in truth(journey) if row["learner_id"] != ada["learner_id"]]
    assert comparable(journey.rows()) == comparable(others)
    memberships = [learner for learner in learners if learner["learner_id"] == ada["learner_id"]]
    assert plan_of(journey, third)["forgotten"] == len(memberships)
    assert set(outcomes(journey, third)) <= {"fetched", "empty", "carried_forward"}


def forget(journey: Journey, learner: dict[str, Any]) -> None:
    """Forget a learner who stands in many places, by the DAG that is there for it; afterwards in none."""
    assert {text for text, _ in traces(journey, learner)} == {learner[name] for name in WHO}
    conf = {"learner_ids": [learner["learner_id"]], "output_path": str(journey.output)}
    run_id = journey.airflow.api.trigger_dag(FORGET_DAG_ID, conf)
    state = journey.airflow.api.wait_for_run(FORGET_DAG_ID, run_id, timeout_s=300)
    log = journey.airflow.api.task_log(FORGET_DAG_ID, run_id, "forget", 1, -1)
    assert state == "success", log
    assert "Forgot 1 learner" in log
    assert "an id in" not in log
    assert not [name for name in WHO if learner[name] in log]
    assert traces(journey, learner) == set()


def traces(journey: Journey, learner: dict[str, Any]) -> set[tuple[str, str]]:
    """Where anything of the learner stands below the output path, but for names in what Zoho says of others."""
    return {
        (text, path)
        for text, path in found_in(LocalFileSystem(), str(journey.output), *(learner[name] for name in WHO))
        if text != learner["learner_name"] or "/learner_progress/" not in path
    }


def test_a_roster_file_says_who_is_fetched(journey: Journey, tmp_path: Path) -> None:
    course = journey.courses()[0]
    learner = course["learner_ids"][1]
    roster = tmp_path / "roster"
    roster.mkdir()
    (roster / "_SUCCESS").touch()
    (roster / "part-1.csv").write_text(f"sep=;\nCourse ID;Learner ID\n{course['course_id']};{learner}\n")

    state, run_id = journey.run([], [], roster_file=str(roster), entity_types=TYPES)

    assert state == "success", journey.log(run_id, "publish")
    assert {(row["course_id"], row["learner_id"]) for row in journey.coverage(run_id)} == {
        (course["course_id"], learner)
    }
    assert len(journey.coverage(run_id)) == len(TYPES)


def test_a_unit_that_fails_in_a_task_of_many_is_all_that_is_asked_for_again(journey: Journey) -> None:
    course = journey.courses()[0]
    learners = course["learner_ids"][:2]
    journey.post("faults", [{"match": {"learner_id": learners[1], "nth": 1}, "action": "http_status"}])

    state, run_id = journey.run([course["course_id"]], learners, entity_types=["files"], units_per_task=2)

    assert state == "success", journey.log(run_id, "publish")
    assert [task["try_number"] for task in journey.fetch_tasks(run_id)] == [2]
    rows = [row for row in journey.truth(course["course_id"]) if row["entity_type"] == "files"]
    assert comparable(journey.rows()) == comparable(row for row in rows if row["learner_id"] in learners)
    pages = sum(row["pages"] for row in journey.coverage(run_id))
    assert len(journey.arrivals()) == pages + 1
    assert most_in_window(journey.arrivals(), journey.window_s) <= journey.threshold
