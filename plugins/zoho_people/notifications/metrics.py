"""What Airflow's own metrics are told: requests as they are answered, and at a run's end what came of it.

They go where ``[metrics]`` of Airflow's configuration says, and nowhere by default. docs/metrics.md lists them. A
failure here is logged and keeps nothing from going on.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Mapping

from zoho_people.model.run_xcoms import Published
from zoho_people.shared.airflow_internals import add_to_counter, set_gauge
from zoho_people.zoho.errors import ZohoError
from zoho_people.zoho.page import Page

log = logging.getLogger(__name__)

PREFIX = "zoho_people"


def count_answer(conn_id: str, answer: object) -> None:
    """Count a request that ended with *answer*: a page, something else of Zoho's, or an exception."""
    counts = {"requests": 1, f"answers.{kind_of(answer)}": 1}
    if isinstance(answer, Page):
        counts["pages"] = 1
        if answer.records and not answer.ids:  # of progress: a list's records have ids
            counts["rows"] = len(answer.records)
    _tell(add_to_counter, counts, conn_id)


def tell_run(conn_id: str, published: Published) -> None:
    """Tell what came of a run, by what ``publish`` tells of it."""
    gauges: dict[str, float] = {
        "slot_seconds": published.spent.held_seconds,
        "locked_seconds": published.spent.locked_seconds,
        **{f"coverage.{name}": count for name, count in published.answers.to_json().items()},
    }
    if published.quota_left is not None:
        gauges["quota_left"] = published.quota_left
    _tell(set_gauge, gauges, conn_id)


def kind_of(answer: object) -> str:
    """The kind of an answer as a metric's name has it: ``ok``, or the error's name."""
    if not isinstance(answer, BaseException):
        return "ok"
    name = type(answer).__name__ if isinstance(answer, ZohoError) else "Other"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _tell(tell: Callable[..., None], values: Mapping[str, float], conn_id: str) -> None:
    tags = {"conn_id": conn_id}
    if dag_id := os.environ.get("AIRFLOW_CTX_DAG_ID"):
        tags["dag_id"] = dag_id
    try:
        for name, value in values.items():
            tell(f"{PREFIX}.{name}", value, tags=tags)
    except Exception:
        log.exception("Airflow's metrics could not be told")
