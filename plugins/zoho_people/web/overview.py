"""The overview: how far everybody is now and over time, what is overdue, how complete and how old that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from zoho_people.model.outcome import Outcome
from zoho_people.storage.layout import CHANGES
from zoho_people.web.behind import overdue
from zoho_people.web.groups import groups, unknown_units
from zoho_people.web.groups import over_time as groups_over_time
from zoho_people.web.rows import COURSE, Row, json_rows, json_value, share
from zoho_people.web.view import View, page_sql

OVER_TIME = ("snapshot_date", "entities", "completed", "share", "is_partial")
_COUNTED = ("learners", "entities", "completed", "share")

_CHANGES = """
SELECT group_name, change, count(*) AS number, max(previous_snapshot_date) AS previous_snapshot_date
FROM changes_on($snapshot_date::DATE, $courses, $entity_types, NULL, $people_with, $group_by)
GROUP BY ALL
ORDER BY ALL
"""


def overview(view: View, filters: Mapping[str, Any], group_by: str | None) -> dict[str, Any]:
    """All of it."""
    return {
        "groups": grouped(view, filters, group_by) if group_by else None,
        "by_course": by_course(view, filters),
        "by_entity_type": by_entity_type(view, filters),
        "over_time": over_time(view, filters),
        "overdue": None if view.lacks_due_dates else overdue(view, filters),
        "freshness": freshness(view, filters),
        "changes": changes(view, filters),
    }


def grouped(view: View, filters: Mapping[str, Any], group_by: str) -> dict[str, Any]:
    """The same group by group: completion, what is to be done, what nobody knows, what has changed."""
    found = groups(view, filters, group_by)
    unknown = unknown_units(view, filters, group_by)
    changed: dict[str, dict[str, int]] = {}
    for row in view.sql(_CHANGES, {"snapshot_date": view.day, **filters, "group_by": group_by}):
        changed.setdefault(row["group_name"], {})[row["change"]] = row["number"]
    for row in found["rows"]:
        row["unknown_units"] = unknown.get(row["group_name"], 0)
        row["changes"] = changed.get(row["group_name"], {})
    return {**found, "over_time": groups_over_time(view, filters, group_by, found["rows"])}


def by_course(view: View, filters: Mapping[str, Any]) -> list[Row]:
    """Completion by course and batch."""
    columns = (*COURSE, *_COUNTED)
    return [_of_course(row) for row in view.run("completion_by_course", filters, columns=columns)]


def over_time(view: View, filters: Mapping[str, Any]) -> list[Row]:
    """Completion day by day, of the days that are counted."""
    return json_rows(
        view.run("completion_over_time", filters, columns=OVER_TIME, since=view.since), OVER_TIME
    )


def by_entity_type(view: View, filters: Mapping[str, Any]) -> list[Row]:
    """Completion by entity type, of all courses together."""
    entities, completed = Counter[str](), Counter[str]()
    columns = ("group_name", "entities", "completed")
    for row in view.run("completion_by_course", filters, columns=columns, group_by="entity_type"):
        entities[row["group_name"]] += row["entities"]
        completed[row["group_name"]] += row["completed"]
    return [
        {
            "entity_type": name,
            "entities": entities[name],
            "completed": completed[name],
            "share": share(completed[name], entities[name]),
        }
        for name in sorted(entities)
    ]


def freshness(view: View, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Of how many units something is known, and since when."""
    given = {"snapshot_date": view.day, "learner_ids": None, **filters, "group_by": None}
    rows = view.sql(page_sql("freshness"), given)
    known = [row for row in rows if row["is_known"]]
    outcomes = Counter[str]()
    for row in rows:
        outcomes[row["why"]] += row["units"]
    return {
        "units": sum(outcomes.values()),
        "by_outcome": dict(outcomes),
        "unknown_units": sum(
            row["units"] for row in rows if not row["is_known"] and row["why"] != Outcome.LEFT
        ),
        "oldest_fetched_at": json_value(min(_known(known, "oldest_fetched_at"), default=None)),
        "newest_fetched_at": json_value(max(_known(known, "newest_fetched_at"), default=None)),
    }


def changes(view: View, filters: Mapping[str, Any]) -> dict[str, Any]:
    """What is another than in the snapshot before; where the two were not compared there is no day."""
    rows = view.sql(_CHANGES, {"snapshot_date": view.day, **filters, "group_by": None})
    is_compared = view.day in view.state.files.days(CHANGES)
    default = view.previous_day if is_compared else None
    compared = max(_known(rows, "previous_snapshot_date"), default=default)
    return {
        "previous_snapshot_date": json_value(compared),
        "by_change": {row["change"]: row["number"] for row in rows},
    }


def _of_course(row: Row) -> Row:
    return {
        "course_id": row["course_id"],
        "batch_id": row["batch_id"],
        "name": row["course_name"],
        **{name: json_value(row[name]) for name in _COUNTED},
    }


def _known(rows: Iterable[Row], column: str) -> list[Any]:
    """What *rows* have in *column*, where that is anything."""
    return [row[column] for row in rows if row[column] is not None]
