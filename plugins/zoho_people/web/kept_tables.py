"""What most answers about a day need, worked out once when the day is opened, by the questions' own definitions.

The macros of :mod:`zoho_people.reading` are replaced, in this one connection, by looks into tables with what these
macros gave: so every question and every view has the same, and no file is opened for it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from zoho_people.reading.opened import OpenDataset

_FILTERED = "day, courses, entity_types, learner_ids, people_with, group_by"
_ALL = "NULL, NULL, NULL, NULL, NULL"
_OF_A_DAY = ("course_names", "learner_names", "due_dates")


def keep_tables(opened: OpenDataset, day: date) -> None:
    """Have the units, names and due dates of *day* at hand; of another day *opened* knows none from now on."""
    for statement in _statements(day):
        opened.execute(statement)


def _statements(day: date) -> Iterator[str]:
    of_day = f"DATE '{day}'"
    for name in _OF_A_DAY:
        yield f"CREATE TABLE kept_{name} AS FROM {name}({of_day})"
    yield f"CREATE TABLE kept_units AS FROM units_on({of_day}, {_ALL})"
    for name in _OF_A_DAY:
        yield f"CREATE OR REPLACE MACRO {name}(day) AS TABLE FROM kept_{name} WHERE day = {of_day}"
    yield f"""
        CREATE OR REPLACE MACRO units_on({_FILTERED}) AS TABLE
        SELECT
            u.* EXCLUDE (group_name),
            group_of(group_by, u.course_id, u.batch_id, u.entity_type, w.said) AS group_name
        FROM kept_units AS u
        LEFT JOIN people_of(people_with, group_by) AS w ON w.learner_id = u.learner_id
        WHERE day = {of_day}
            AND is_chosen_course(courses, u.course_id, u.batch_id)
            AND is_chosen(entity_types, u.entity_type)
            AND is_chosen(learner_ids, u.learner_id)
            AND coalesce(w.is_chosen, takes_unknown(people_with))
    """  # noqa: S608
