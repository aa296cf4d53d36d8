"""One course or batch: its entities, who attended, who is behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoho_people.model.unit import Course
from zoho_people.web.behind import DEFAULT_SORT, Page, behind
from zoho_people.web.groups import NO_MARKS, groups, marks
from zoho_people.web.groups import over_time as groups_over_time
from zoho_people.web.overview import over_time
from zoho_people.web.problem import PageProblem
from zoho_people.web.rows import Row, json_rows, json_value, share
from zoho_people.web.view import View

SHOWN_BEHIND = 100

_ENTITIES = """
SELECT
    entity_type, entity_id, max(entity_name) AS entity_name,
    count(*) AS learners, count(*) FILTER (is_completed) AS completed
FROM progress_on($snapshot_date, $courses, $entity_types, NULL, $people_with, NULL)
GROUP BY entity_type, entity_id
ORDER BY entity_type, entity_name, entity_id
"""

_NAME = """
SELECT course_name
FROM course_names($snapshot_date)
WHERE course_id = $course_id AND batch_id IS NOT DISTINCT FROM $batch_id
"""


def course_view(
    view: View, course: Course, filters: Mapping[str, Any], group_by: str | None, *, may_see_names: bool
) -> dict[str, Any]:
    """All of it.

    :raises PageProblem: when nobody is in it on that day.
    """
    narrow = view.narrowed([course])
    whole = narrow.run("completion_over_time", {**filters, "courses": [str(course)]}, since=view.day)
    if not whole and not _has_rows(narrow, course):
        raise PageProblem(
            404,
            f"course {course} has no progress on {view.day}",
            "choose another course or day; the coverage says whether it was asked for",
        )
    page = Page(sort=(DEFAULT_SORT[1:], True), limit=SHOWN_BEHIND)
    return {
        "groups": _grouped(narrow, filters, group_by) if group_by else None,
        "course": _course(narrow, course, whole[0] if whole else {}),
        "over_time": over_time(narrow, filters),
        "entities": _entities(narrow, filters),
        "attendance": json_rows(
            narrow.run("attendance", filters),
            ("entity_id", "entity_name", "attended", "learners", "share", "learners_unknown"),
        ),
        "behind": behind(narrow, filters, page, may_see_names=may_see_names)["rows"],
    }


def _grouped(view: View, filters: Mapping[str, Any], group_by: str) -> dict[str, Any]:
    """The same group by group: completion, what is to be done, how hard it is, who attended."""
    found = groups(view, filters, group_by)
    of_tests = marks(view, filters, group_by)
    for row in found["rows"]:
        row.update(of_tests.get(row["group_name"], NO_MARKS))
    return {**found, "over_time": groups_over_time(view, filters, group_by, found["rows"])}


def _has_rows(view: View, course: Course) -> bool:
    """Whether anybody is in the course, filters apart."""
    return bool(view.run("completion_over_time", {"courses": [str(course)]}, since=view.day))


def _course(view: View, course: Course, whole: Mapping[str, Any]) -> Row:
    parameters = {
        "snapshot_date": view.day,
        "course_id": course.course_id,
        "batch_id": course.batch_id,
    }
    named = view.sql(_NAME, parameters)
    return {
        "course_id": course.course_id,
        "batch_id": course.batch_id,
        "name": named[0]["course_name"] if named else None,
        **{name: json_value(whole.get(name, 0)) for name in ("learners", "entities", "completed")},
        "share": json_value(whole.get("share")),
    }


def _entities(view: View, filters: Mapping[str, Any]) -> list[Row]:
    tests = {(row["entity_type"], row["entity_id"]): row for row in view.run("test_difficulty", filters)}
    found = []
    for row in view.sql(_ENTITIES, {"snapshot_date": view.day, **filters}):
        test = tests.get((row["entity_type"], row["entity_id"]), {})
        found.append(
            {
                **row,
                "share_completed": share(row["completed"], row["learners"]),
                "mean_mark": json_value(test.get("mean_share")),
                "spread": json_value(test.get("spread")),
                "share_passed": json_value(test.get("share_passed")),
            }
        )
    return found
