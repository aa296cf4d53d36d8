"""The DAG's steps around the requests, in their order: check, plan, publish, report.

They need all that reads and writes the dataset, so the DAG imports them when a task runs.
"""

from zoho_people.steps.check import check_request, needs_rosters
from zoho_people.steps.extra_dataset import publish_extra, share_learners
from zoho_people.steps.plan import plan_units
from zoho_people.steps.publish import publish_snapshot
from zoho_people.steps.report import report

__all__ = [
    "check_request",
    "needs_rosters",
    "plan_units",
    "publish_extra",
    "publish_snapshot",
    "report",
    "share_learners",
]
