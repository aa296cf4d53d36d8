"""Run health as the page shows it: what Airflow knows, and what the coverage says of the last runs and courses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from zoho_people.reading.opened import OpenDataset
from zoho_people.storage.layout import COVERAGE
from zoho_people.web.door import Door
from zoho_people.web.health import Health
from zoho_people.web.page_request import PageRequest
from zoho_people.web.problem import PageProblem
from zoho_people.web.rows import Row, json_value
from zoho_people.web.view import View

_OUTCOMES = """
SELECT dag_run_id, outcome, count(*) AS units
FROM coverage
WHERE list_contains($run_ids, dag_run_id)
GROUP BY dag_run_id, outcome
ORDER BY outcome
"""
_AGES = """
SELECT u.course_id, u.batch_id, any_value(c.course_name) AS name, max(u.fetched_at) AS newest_fetched_at
FROM coverage AS u
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = u.course_id AND c.batch_id IS NOT DISTINCT FROM u.batch_id
WHERE u.snapshot_date = $snapshot_date AND has_answer(u.outcome)
GROUP BY u.course_id, u.batch_id
ORDER BY newest_fetched_at, u.course_id, u.batch_id
"""


def health(wanted: PageRequest, door: Door, user: Any, *, now: datetime, base: str) -> dict[str, Any]:
    """All of it. Where there is no dataset (yet), what is known of the runs is told all the same."""
    facts = Health(door, wanted.dataset.dag, user, now, base).facts()
    runs = facts["runs"]

    def of_dataset(view: View) -> dict[str, Any]:
        begun = [datetime.fromisoformat(run["start"]).date() for run in runs if run["start"]]
        coverage = _coverage(view, [run["dag_run_id"] for run in runs], begun)
        return {
            "runs": [{**run, "coverage": coverage.get(run["dag_run_id"], {})} for run in runs],
            "courses": _courses(view, now),
            "warnings": [*facts["warnings"], *view.warnings],
        }

    try:
        return {**facts, **wanted.look(of_dataset)}
    except PageProblem as problem:
        return {**facts, "courses": [], "warnings": [*facts["warnings"], str(problem)]}


def _coverage(view: View, run_ids: Sequence[str], begun: Sequence[date]) -> dict[str, dict[str, int]]:
    """How many units came out how, run by run; a run's snapshot is of the day on which it began."""
    if not begun:
        return {}
    days = [day for day in view.state.files.days(COVERAGE) if min(begun) <= day <= max(begun)]
    files = {COVERAGE: view.state.files.paths(COVERAGE, days)}
    found: dict[str, dict[str, int]] = {}
    with view.opened.cursor(files=files) as cursor:
        for row in _rows(cursor, _OUTCOMES, {"run_ids": list(run_ids)}):
            found.setdefault(row["dag_run_id"], {})[row["outcome"]] = row["units"]
    return found


def _courses(view: View, now: datetime) -> list[Row]:
    rows = view.sql(_AGES, {"snapshot_date": view.day})
    return [
        {
            "course_id": row["course_id"],
            "batch_id": row["batch_id"],
            "name": row["name"],
            "newest_fetched_at": json_value(row["newest_fetched_at"]),
            "age_hours": _hours(row["newest_fetched_at"], now),
        }
        for row in rows
    ]


def _hours(at: datetime | None, now: datetime) -> float | None:
    return round((now - at).total_seconds() / 3600.0, 1) if at else None


def _rows(cursor: OpenDataset, query: str, parameters: dict[str, Any]) -> list[Row]:
    found: list[Row] = cursor.sql(query, parameters).to_pylist()
    return found
