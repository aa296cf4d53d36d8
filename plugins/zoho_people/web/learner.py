"""One learner: all courses, what is open, how it went, what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoho_people.model.unit import Course, shown
from zoho_people.web.overview import over_time
from zoho_people.web.parameters import NAMES
from zoho_people.web.problem import PageProblem
from zoho_people.web.rows import COURSE, PERSON, Row, json_rows, json_value
from zoho_people.web.view import View

_LEARNER = """
SELECT
    $learner_id AS learner_id,
    (SELECT learner_name FROM learner_names($snapshot_date) WHERE learner_id = $learner_id) AS name,
    (SELECT email FROM learner_names($snapshot_date) WHERE learner_id = $learner_id) AS email,
    any_value(department) AS department, any_value(manager) AS manager, any_value(location) AS location
FROM people
WHERE learner_id = $learner_id
"""
_CHANGES = """
SELECT c.*, n.course_name
FROM changes AS c
LEFT JOIN course_names($snapshot_date) AS n
    ON n.course_id = c.course_id AND n.batch_id IS NOT DISTINCT FROM c.batch_id
WHERE c.learner_id = $learner_id AND c.snapshot_date <= $snapshot_date
ORDER BY c.snapshot_date DESC, c.course_id, c.batch_id, c.entity_type, c.entity_id
LIMIT 200
"""
_ENTITY = (*COURSE, "entity_id", "entity_name", "entity_type")
_OPEN = (*_ENTITY, "status", "due_date", "days_overdue", "is_due_exact")
_BEFORE_AND_AFTER = ("status_before", "status_after", "mark_before", "mark_after")
_CHANGED = ("snapshot_date", *_ENTITY, "change", *_BEFORE_AND_AFTER)


def learner_view(
    view: View, learner_id: str, filters: Mapping[str, Any], *, may_see_names: bool
) -> dict[str, Any]:
    """All of it.

    :raises PageProblem: when the learner is in no course on that day.
    """
    of_learner = {**filters, "learner_ids": [learner_id]}
    courses = view.run("completion_by_course", of_learner)
    if not courses:
        raise PageProblem(
            404,
            f"learner {shown(learner_id)} has no progress on {view.day}",
            "check the id, or choose another day; who was forgotten is nowhere",
        )
    narrow = view.narrowed([Course(row["course_id"], row["batch_id"]) for row in courses])
    about = {"snapshot_date": view.day, "learner_id": learner_id}
    return {
        "learner": json_rows(view.sql(_LEARNER, about), PERSON, hidden=() if may_see_names else NAMES)[0],
        "courses": [_of_course(row) for row in courses],
        "open_mandatory": json_rows(narrow.run("open_mandatory", of_learner), _OPEN),
        "history": over_time(view, of_learner),
        "changes": json_rows(narrow.sql(_CHANGES, about), _CHANGED),
    }


def _of_course(row: Row) -> Row:
    return {
        "course_id": row["course_id"],
        "batch_id": row["batch_id"],
        "name": row["course_name"],
        **{name: json_value(row[name]) for name in ("entities", "completed", "share")},
    }
