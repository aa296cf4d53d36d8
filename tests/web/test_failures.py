"""Which failed tasks are told, and how what they say is told apart."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from zoho_people.steps.complaint import HAD
from zoho_people.web.failures import CURES, LOOK, causes, problem_and_cure

MISSING = (
    "2 of 4 units are missing: course 5, learner 7, files (HTTP 403); course 5, learner 8, links (HTTP 502)."
)


@dataclass
class Failed:
    task_id: str
    run_id: str = "r"


def told(*task_ids: str, has_plan: bool) -> list[str]:
    planned = {"r"} if has_plan else {"another"}
    return [task.task_id for task in causes(map(Failed, task_ids), planned=planned)]


@pytest.mark.parametrize(
    ("failed", "has_plan", "why"),
    [
        (("report", "publish", "check_request"), False, ["check_request"]),
        (("report", "publish", "plan"), False, ["plan"]),
        (("report", "publish", "fetch", "fetch"), True, ["publish", "fetch", "fetch"]),
        (("report", "publish"), True, ["publish"]),
        (("report", "publish"), False, ["publish"]),
        (("report",), True, ["report"]),
        (("report",), False, ["report"]),
    ],
)
def test_a_task_that_failed_because_others_did_is_none_of_the_causes(
    failed: tuple[str, ...], has_plan: bool, why: list[str]
) -> None:
    assert told(*failed, has_plan=has_plan) == why


def test_each_run_has_causes_of_its_own() -> None:
    tasks = [
        Failed("report", "a"),
        Failed("publish", "a"),
        Failed("check_request", "a"),
        Failed("publish", "b"),
    ]
    assert causes(tasks, planned={"b"}) == [tasks[2], tasks[3]]


@pytest.mark.parametrize(
    ("said", "problem", "cure"),
    [
        ("the pool is missing; make it in Admin, Pools", "the pool is missing", "make it in Admin, Pools"),
        ("it has data of A. Name another; or add A", "it has data of A", "Name another; or add A"),
        (
            f"{MISSING} {HAD} Clear the run's failed tasks to complete the same snapshot.",
            MISSING,
            f"Clear the run's failed tasks to complete the same snapshot. {HAD}",
        ),
        ("the host a.b.test has no name", "the host a.b.test has no name", LOOK),
        ("", "", LOOK),
    ],
)
def test_problem_and_cure_are_problem_and_cure(said: str, problem: str, cure: str) -> None:
    assert problem_and_cure(said) == (problem, cure)


@pytest.mark.parametrize("error", CURES)
def test_what_zoho_said_stays_whole_and_has_the_cure_of_its_kind(error: str) -> None:
    said = "Zoho answered HTTP 403 and said: Not allowed; ask. Or leave it."
    assert problem_and_cure(said, error) == (said, CURES[error])
