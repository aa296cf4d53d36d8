"""The figures of a view group by group, by a column of the people file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from zoho_people.model.outcome import Outcome
from zoho_people.reading.due_columns import DUE_GROUPS, DUE_RANGE
from zoho_people.reading.questions import GROUP, PEOPLE
from zoho_people.web.problem import PageProblem
from zoho_people.web.rows import Row, json_rows, share
from zoho_people.web.view import View, page_sql

MOST_GROUPS = 200
"""How many groups have a row, the largest ones; the others are only counted."""

IN_CHART = 5

DUE = (*DUE_GROUPS, *DUE_RANGE)
NOT_COUNTED = "days are still being counted, so due dates are not known"

_GROUPS = """
SELECT
    group_name,
    count(DISTINCT learner_id) AS learners,
    sum(entities)::BIGINT AS entities,
    sum(completed)::BIGINT AS completed,
    share_of(sum(completed), sum(entities)) AS share,
    count(DISTINCT learner_id) FILTER (open_mandatory > 0) AS learners_behind,
    sum(open_mandatory)::BIGINT AS open_mandatory,
    count(DISTINCT learner_id) FILTER (days_overdue > 0) AS learners_overdue,
    coalesce(sum(open_mandatory) FILTER (days_overdue > 0), 0)::BIGINT AS items_overdue,
    sum(open_mandatory * days_overdue)::DOUBLE
        / nullif(sum(open_mandatory) FILTER (days_overdue > 0), 0) AS mean_days_overdue,
    max(days_overdue) FILTER (days_overdue > 0) AS most_days_overdue,
    count(*) OVER () AS groups
FROM ({learners_in_courses})
WHERE {wanted}
GROUP BY group_name
ORDER BY learners DESC, group_name
LIMIT {most}
"""
_COUNTED = ("group_name", "learners", "entities", "completed", "share", "learners_behind", "open_mandatory")
_OF_DUE_DATES = ("learners_overdue", "items_overdue", "mean_days_overdue", "most_days_overdue")
COLUMNS = (*_COUNTED, *_OF_DUE_DATES)
_OVER_TIME = ("group_name", "snapshot_date", "entities", "completed", "share", "is_partial")

_SUMS = ("marks", "mean", "passed", "invited", "attended")
NO_MARKS: Row = {"mean_mark": None, "share_passed": None, "share_attended": None}


def refuse_unknown(view: View, filters: Mapping[str, Any], group_by: str | None) -> None:
    """:raises PageProblem: naming a column that there is not, or that nobody knows yet."""
    known = view.facts.columns
    for column in filters.get(PEOPLE) or ():
        _refuse(view, column, (*known, *DUE_RANGE))
    if group_by:
        _refuse(view, group_by, known)


def _refuse(view: View, column: str, known: Sequence[str]) -> None:
    if column in DUE:
        _refuse_due(view, column)
    if column not in known:
        there = ", ".join(view.facts.columns)
        raise PageProblem(400, f"there is no column {column[:80]!r}", f"use one of: {there}")


def _refuse_due(view: View, column: str) -> None:
    if not view.opened.has_deadlines:
        raise PageProblem(
            400,
            f"{column} needs due dates, and none are known",
            "leave it out, or have a deadlines file named by the Variable that ends in _deadlines",
        )
    if view.lacks_due_dates:
        raise PageProblem(503, NOT_COUNTED, "try again soon")


def groups(
    view: View,
    filters: Mapping[str, Any],
    group_by: str,
    *,
    wanted: str = "true",
    more: Mapping[str, Any] | None = None,
    most: int = MOST_GROUPS,
) -> dict[str, Any]:
    """How far each group's learners are, and what is open, of the rows for which *wanted* (SQL) is true."""
    query = _GROUPS.format(learners_in_courses=page_sql("learners_in_courses"), wanted=wanted, most=most)
    given = {"snapshot_date": view.day, "learner_ids": None, **filters, GROUP: group_by, **(more or {})}
    found = view.sql(query, given)
    return {
        "by": group_by,
        "rows": json_rows(found, COLUMNS, hidden=_OF_DUE_DATES if view.lacks_due_dates else ()),
        "left_out": found[0]["groups"] - len(found) if found else 0,
    }


def over_time(view: View, filters: Mapping[str, Any], group_by: str, rows: Sequence[Row]) -> list[Row]:
    """Completion day by day of the largest groups among *rows*."""
    names = [row["group_name"] for row in rows[:IN_CHART]]
    people = {**(filters.get(PEOPLE) or {}), group_by: names}
    given = {**filters, PEOPLE: people, GROUP: group_by}
    return json_rows(
        view.run("completion_over_time", given, columns=_OVER_TIME, since=view.since), _OVER_TIME
    )


def unknown_units(view: View, filters: Mapping[str, Any], group_by: str) -> dict[str, int]:
    """By group how many units are unknown: the rows of ``coverage_gaps.sql``."""
    found: dict[str, int] = {}
    given = {"snapshot_date": view.day, "learner_ids": None, **filters, GROUP: group_by}
    for row in view.sql(page_sql("freshness"), given):
        is_gap = not row["is_known"] and row["why"] != Outcome.LEFT
        found[row["group_name"]] = found.get(row["group_name"], 0) + (row["units"] if is_gap else 0)
    return found


def marks(view: View, filters: Mapping[str, Any], group_by: str) -> dict[str, Row]:
    """By group the mean mark and the share that passed, of all tests together, and the share that attended."""
    of_tests = view.run("test_difficulty", filters, group_by=group_by)
    of_sessions = view.run("attendance", filters, group_by=group_by)
    sums: defaultdict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(_SUMS, 0.0))
    for row in of_tests:
        of_group = sums[row["group_name"]]
        of_group["marks"] += row["learners"]
        of_group["mean"] += row["mean_share"] * row["learners"]
        of_group["passed"] += row["share_passed"] * row["learners"]
    for row in of_sessions:
        of_group = sums[row["group_name"]]
        of_group["attended"] += row["attended"]
        of_group["invited"] += row["learners"]
    return {
        name: {
            "mean_mark": share(each["mean"], each["marks"]),
            "share_passed": share(each["passed"], each["marks"]),
            "share_attended": share(each["attended"], each["invited"]),
        }
        for name, each in sums.items()
    }
