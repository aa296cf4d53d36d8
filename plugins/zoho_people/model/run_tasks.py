"""A run's tasks by their ids, and the XComs by which they tell each other."""

from __future__ import annotations

RESULT_KEY = "return_value"
"""Airflow's own key of what a task returns."""

CHECK_TASK_ID = "check_request"
"""Whose return value is the run's request."""

PLAN_TASK_ID = "plan"
PLAN_KEY = "plan"
"""The XCom of the plan: units by reason, requests, minutes, share of the daily quota."""

PUBLISH_TASK_ID = "publish"
PUBLISHED_KEY = "published"
"""What was published, as an XCom: counts, paths, and what is missing."""

NEW_FIELDS_KEY = "new_fields"
"""The XCom of ``publish`` with the names of fields that no run has seen before, by entity type."""

COUNTS_KEY = "counts"
"""What a task has counted that returns something else."""

COUNTED = (("list_courses", COUNTS_KEY), ("read_rosters", RESULT_KEY), ("fetch", RESULT_KEY))
"""The tasks that send requests, and the XComs of their counts."""
