"""Failed tasks: which of them tell why a run failed, and what they say of the problem and the cure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from zoho_people.model.run_tasks import PUBLISH_TASK_ID, REPORT_TASK_ID
from zoho_people.steps.complaint import HAD
from zoho_people.zoho.errors import CourseNotFound, Forbidden, RequestFailed, TemporaryFailure

CURES = {
    Forbidden.__name__: "let the Zoho user whose refresh token the connection has see it, and clear the task",
    CourseNotFound.__name__: "correct the course that the run was asked for, and start a new run",
    RequestFailed.__name__: "mend what Zoho says, and clear the task",
    TemporaryFailure.__name__: "clear the task when Zoho answers again; nothing is lost",
}
"""The cures of errors whose message is Zoho's own, by class."""

LOOK = "its log says more"

_BEFORE_A_CURE = re.compile(r"; |\. (?=[A-Z])")


class FailedTask(Protocol):
    """A task instance that failed."""

    run_id: str
    task_id: str


Task = TypeVar("Task", bound=FailedTask)


def causes(failed: Iterable[Task], *, planned: Collection[str]) -> list[Task]:
    """*failed* without the tasks that failed because others of their run did; *planned* are the runs with a plan.

    ``publish`` and ``report`` run whatever came before: without a plan they say where to look, and ``report``
    repeats what ``publish`` said.
    """
    tasks = list(failed)
    of_run: dict[str, set[str]] = defaultdict(set)
    for task in tasks:
        of_run[task.run_id].add(task.task_id)
    return [
        task
        for task in tasks
        if not _follows(task.task_id, of_run[task.run_id], has_plan=task.run_id in planned)
    ]


def _follows(task_id: str, failed: set[str], *, has_plan: bool) -> bool:
    if task_id == REPORT_TASK_ID and PUBLISH_TASK_ID in failed:
        return True
    others = failed - {PUBLISH_TASK_ID, REPORT_TASK_ID}
    return task_id in (PUBLISH_TASK_ID, REPORT_TASK_ID) and not has_plan and bool(others)


def problem_and_cure(said: str, error: str = "") -> tuple[str, str]:
    """The problem and the cure in what a task *said* with an *error* of that class."""
    if error in CURES:
        return said, CURES[error]
    problem, found, cure = said.partition(f" {HAD} ")
    if found:
        return problem, f"{cure} {HAD}"
    problem, *rest = _BEFORE_A_CURE.split(said, maxsplit=1)
    return problem, "".join(rest) or LOOK
