"""The tasks of a run by their ids, and the keys of the XComs by which they tell each other.

:mod:`zoho_people.model.run_xcoms` says what each XCom holds.
"""

from __future__ import annotations

RESULT_KEY = "return_value"
"""Airflow's own key of what a task returns."""

CHECK_TASK_ID = "check_request"
NEEDS_ROSTERS_TASK_ID = "needs_rosters"
LIST_COURSES_TASK_ID = "list_courses"
READ_ROSTERS_TASK_ID = "read_rosters"
PLAN_TASK_ID = "plan"
FETCH_TASK_ID = "fetch"
PUBLISH_TASK_ID = "publish"
REPORT_TASK_ID = "report"


def share_task_id(dataset: str) -> str:
    """The task that shares the learners out among those that read *dataset*."""
    return f"share_{dataset}"


def read_task_id(dataset: str) -> str:
    """The mapped task that reads *dataset*."""
    return f"read_{dataset}"


def publish_task_id(dataset: str) -> str:
    """The task that publishes *dataset*."""
    return f"publish_{dataset}"


FORGET_TASK_ID = "forget"
COMPARE_TASK_ID = "compare"
"""The one task of the DAG that forgets learners, and of the one that tells changes."""

PLAN_KEY = "plan"
PUBLISHED_KEY = "published"
NEW_FIELDS_KEY = "new_fields"

COUNTS_KEY = "counts"
"""What a task has counted that returns something else."""

COUNTED = (
    (LIST_COURSES_TASK_ID, COUNTS_KEY),
    (READ_ROSTERS_TASK_ID, RESULT_KEY),
    (FETCH_TASK_ID, RESULT_KEY),
)
"""The tasks that send requests, and the XComs of their counts."""
