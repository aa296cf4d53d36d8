"""The links that Airflow shows beside the operators' tasks.

A link is the same for everybody who may see the task, and opens in a browser: it has no secret and no learner.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, BaseOperatorLink


class ZohoPeopleLink(BaseOperatorLink):
    """Zoho People in the organisation's data centre.

    Not the course itself: Zoho documents the addresses of its API, and none of a course's page, nor of the LMS.
    Empty where the connection names another host than Zoho's, an emulator's or a gateway's.
    """

    name = "Zoho People"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """As the operator learned it from its connection: to read that once more would be a call a task."""
        return str(getattr(operator, "people_url", ""))
