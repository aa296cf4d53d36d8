"""The values that filters can have on a day: only those of learners who are in this dataset."""

from __future__ import annotations

from typing import Any

from zoho_people.reading.due_columns import DUE_GROUPS
from zoho_people.reading.literals import identifier
from zoho_people.reading.people_columns import USUAL, group_columns
from zoho_people.web.parameters import OPEN_COLUMNS
from zoho_people.web.rows import json_rows
from zoho_people.web.view import View

MOST_LISTED = 1_000
"""A further column with more values than these has no list to choose from; rows can be grouped by it."""

_COURSES = """
SELECT d.course_id, d.batch_id, any_value(c.course_name) AS name
FROM daily AS d
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = d.course_id AND c.batch_id IS NOT DISTINCT FROM d.batch_id
WHERE d.snapshot_date = $snapshot_date
GROUP BY d.course_id, d.batch_id
ORDER BY name, d.course_id, d.batch_id
"""
_TYPES = """
SELECT list_sort(list(DISTINCT entity_type)) AS entity_types FROM daily WHERE snapshot_date = $snapshot_date
"""
_VALUES = """
SELECT {values}
FROM people AS w
WHERE learner_id IN (SELECT learner_id FROM daily WHERE snapshot_date = $snapshot_date)
"""
_BROUGHT_ALONG = """
SELECT
    (SELECT count(*) FROM people) > 0 AS has_people,
    (SELECT count(*) FROM deadlines) > 0 AS has_deadlines
"""


def options(view: View, *, may_see_names: bool) -> dict[str, Any]:
    """All of them; of the people file the columns with anything in them that the user may see."""
    about = {"snapshot_date": view.day}
    values = _values(view, may_see_names=may_see_names)
    return {
        "courses": json_rows(view.sql(_COURSES, about), ("course_id", "batch_id", "name")),
        "entity_types": view.sql(_TYPES, about)[0]["entity_types"] or [],
        **{f"{name}s": values.get(name, []) for name in USUAL},
        "people": {
            name: found for name, found in values.items() if name not in USUAL and len(found) <= MOST_LISTED
        },
        "group_by": [*values, *(DUE_GROUPS if view.opened.has_deadlines else ())],
        **view.sql(_BROUGHT_ALONG, {})[0],
    }


def _values(view: View, *, may_see_names: bool) -> dict[str, list[str]]:
    """What there is in each column."""
    names = [
        name for name in group_columns(view.opened.people_columns) if may_see_names or name in OPEN_COLUMNS
    ]
    each = ", ".join(f"list_sort(list(DISTINCT w.{column})) AS {column}" for column in map(identifier, names))
    (found,) = view.sql(_VALUES.format(values=each), {"snapshot_date": view.day})
    there = {name: [value for value in found[name] or () if value is not None] for name in names}
    return {name: values for name, values in there.items() if values}
