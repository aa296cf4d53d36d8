"""What the filters may be, by what is there on a day: nothing of who is in no course of this dataset."""

from __future__ import annotations

from typing import Any

from zoho_people.web.rows import told
from zoho_people.web.view import View

_COURSES = """
SELECT d.course_id, d.batch_id, any_value(c.course_name) AS name
FROM daily AS d
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = d.course_id AND c.batch_id IS NOT DISTINCT FROM d.batch_id
WHERE d.snapshot_date = $snapshot_date
GROUP BY d.course_id, d.batch_id
ORDER BY name, d.course_id, d.batch_id
"""
_VALUES = """
SELECT
    list_sort(list(DISTINCT entity_type)) AS entity_types,
    list_sort(list(DISTINCT department) FILTER (department IS NOT NULL)) AS departments,
    list_sort(list(DISTINCT manager) FILTER (manager IS NOT NULL)) AS managers,
    list_sort(list(DISTINCT location) FILTER (location IS NOT NULL)) AS locations
FROM daily_between($snapshot_date, $snapshot_date, NULL, NULL, NULL, NULL, NULL, NULL)
"""
_BROUGHT_ALONG = """
SELECT
    (SELECT count(*) FROM people) > 0 AS has_people,
    (SELECT count(*) FROM deadlines) > 0 AS has_deadlines
"""


def options(view: View, *, may_see_names: bool) -> dict[str, Any]:
    """All of them."""
    about = {"snapshot_date": view.day}
    values = {name: found or [] for name, found in view.sql(_VALUES, about)[0].items()}
    return {
        "courses": told(view.sql(_COURSES, about), ("course_id", "batch_id", "name")),
        **values,
        "managers": values["managers"] if may_see_names else [],
        **view.sql(_BROUGHT_ALONG, {})[0],
    }
