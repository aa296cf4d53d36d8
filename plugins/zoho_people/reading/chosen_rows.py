"""The rows that questions are about: those of a dataset that are chosen, each with its group."""

from __future__ import annotations

from collections.abc import Iterator

from zoho_people.reading.people_columns import ENTITY_TYPE

GROUP_JOINS = """
LEFT JOIN {people}({people_with}, {group_by}) AS w ON w.learner_id = r.learner_id
LEFT JOIN due_asked({first_day}, {day}, {people_with}, {group_by}) AS due
    ON due.course_id = r.course_id AND due.batch_id IS NOT DISTINCT FROM r.batch_id
    AND due.learner_id = r.learner_id
"""
"""What is known of each row *r* that people bring along; *first_day* to *day* are the snapshots of the rows."""

SAID = "coalesce(due.said, w.said)"
"""What is said there of the row in the column to group by."""

_CHOSEN = """
CREATE MACRO {name}({days}, courses, entity_types, learner_ids, people_with, group_by) AS TABLE
SELECT
    r.*, {columns}
    group_of(group_by, r.course_id, r.batch_id, r.entity_type, {said}) AS group_name
FROM ({rows}) AS r
{joins}
WHERE is_chosen_course(courses, r.course_id, r.batch_id)
    AND is_chosen(entity_types, r.entity_type)
    AND is_chosen(learner_ids, r.learner_id)
    AND (NOT filters_people(people_with) OR coalesce(w.is_chosen, takes_unknown(people_with)))
    AND (NOT filters_due(people_with) OR coalesce(due.is_chosen, takes_undated(people_with)))
"""
_OF_PEOPLE = "w.department, w.manager, w.location,"

_BY_TYPE = f"(entity_types IS NOT NULL OR coalesce(group_by = '{ENTITY_TYPE}', false))"
_DAILY = f"""
    SELECT * FROM (
        SELECT * FROM daily WHERE {_BY_TYPE}
        UNION ALL BY NAME
        SELECT * FROM daily_totals WHERE NOT {_BY_TYPE}
    )
    WHERE snapshot_date <= last_day AND (first_day IS NULL OR snapshot_date >= first_day)
"""


def chosen_rows() -> Iterator[str]:
    """What makes the macros.

    ``progress_on(day, …)``                   the rows of progress of one day
    ``units_on(day, …)``                      the units of one day
    ``changes_on(day, …)``                    what changed on one day
    ``daily_between(first_day, last_day, …)`` the counts of learners in courses from one day to another: by entity
                                              type where these are chosen or are the groups, else of all together
    """
    yield _chosen("progress_on", "SELECT * FROM progress_of_day(day)", columns=_OF_PEOPLE)
    yield _chosen("units_on", "SELECT * FROM units_of_day(day)", columns=_OF_PEOPLE)
    yield _chosen("changes_on", "SELECT * FROM changes WHERE snapshot_date = day")
    yield _chosen("daily_between", _DAILY, days=("first_day", "last_day"))


def _chosen(name: str, rows: str, *, columns: str = "", days: tuple[str, ...] = ("day",)) -> str:
    joins = GROUP_JOINS.format(
        people="people_of" if columns else "people_asked",
        first_day=days[0],
        day=days[-1],
        people_with="people_with",
        group_by="group_by",
    )
    return _CHOSEN.format(name=name, days=", ".join(days), columns=columns, said=SAID, rows=rows, joins=joins)
