"""Grouping and filtering by what the people file says, whatever its columns are: macros over the table ``people``.

Each learner's group is worked out once, beside the learner, and every question takes it from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zoho_people.reading.due_columns import DUE_GROUPS, DUE_RANGE, NO_DUE_DATE, WANTED
from zoho_people.reading.literals import identifier, literal

UNKNOWN = "unknown"
"""The group of learners who are not in the people file, or have nothing in that column. Filters may name it."""

COURSE, ENTITY_TYPE = "course", "entity_type"
USUAL = ("department", "manager", "location")
"""The columns that the table ``people`` always has, whether the file has them or not."""

_IDENTITY = ("learner_id", "email")
_RESERVED = (*_IDENTITY, COURSE, ENTITY_TYPE, *DUE_GROUPS, *DUE_RANGE)


def group_columns(columns: Sequence[str]) -> list[str]:
    """Those of a people file's *columns* that tell of a group, not of who somebody is.

    One that is called as something else to group or filter by is none of them.
    """
    return [name for name in columns if name not in _RESERVED]


def people_macros(columns: Sequence[str], *, has_deadlines: bool) -> Iterator[str]:
    """What makes the macros for a table ``people`` with these *columns*.

    ``wanted_people(people_with)``      by column the values that are wanted, if there are such columns
    ``takes_unknown(people_with)``      whether these include learners who are not among the people
    ``people_of(people_with, group_by)``  each of the people, whether these include them (``is_chosen``), and their
                                        value in the column *group_by* (``said``)
    ``people_asked(people_with, group_by)``  the same, without rows where nobody asks about people
    ``group_of``                        the group of a row
    """
    names = group_columns(columns)
    listed, unknown = _literals(names), literal(UNKNOWN)
    due = _literals((*DUE_GROUPS, *DUE_RANGE))
    there = ", ".join([*names, *(DUE_GROUPS if has_deadlines else ())])
    cure = "" if has_deadlines else "; due dates need a deadlines file"
    none = literal(f" is no column to group or filter by; there are: {there}{cure}")
    known = f"{listed}, {due}" if has_deadlines else listed
    others = f"list_filter(map_keys({WANTED}), lambda name: name NOT IN ({known}))"
    is_chosen = " AND ".join(
        f"is_chosen({WANTED}[{literal(name)}], coalesce(w.{identifier(name)}, {unknown}))" for name in names
    )
    dated = f"WHEN group_by IN ({_literals(DUE_GROUPS)}) THEN coalesce(said, {literal(NO_DUE_DATE)})"
    said = " ".join(f"WHEN {literal(name)} THEN w.{identifier(name)}" for name in names)
    yield f"""
        CREATE MACRO wanted_people(people_with) AS
            CASE
                WHEN len({others}) > 0 THEN error('people_with ' || {others}[1] || {none})
                ELSE {WANTED}
            END
    """
    yield f"""
        CREATE MACRO filters_people(people_with) AS
            coalesce(list_has_any(map_keys(wanted_people(people_with)), [{listed}]), false)
    """
    yield f"""
        CREATE MACRO takes_unknown(people_with) AS coalesce(
            list_bool_and([
                list_contains({WANTED}[name], {unknown})
                FOR name IN map_keys(wanted_people(people_with)) IF name NOT IN ({due})
            ]),
            true
        )
    """
    yield f"""
        CREATE MACRO people_of(people_with, group_by) AS TABLE
        SELECT
            w.learner_id, w.department, w.manager, w.location,
            {is_chosen} AS is_chosen,
            CASE group_by {said} END AS said
        FROM people AS w
    """
    yield f"""
        CREATE MACRO people_asked(people_with, group_by) AS TABLE
        SELECT learner_id, is_chosen, said
        FROM people_of(people_with, group_by)
        WHERE coalesce(group_by IN ({listed}), false) OR filters_people(people_with)
    """
    yield f"""
        CREATE MACRO group_of(group_by, course_id, batch_id, entity_type, said) AS
            CASE
                WHEN group_by IS NULL THEN NULL
                WHEN group_by = {literal(COURSE)} THEN concat_ws('/', course_id, batch_id)
                WHEN group_by = {literal(ENTITY_TYPE)}
                    THEN coalesce(entity_type, error('the answer has no entity_type to group by'))
                WHEN group_by IN ({listed}) THEN coalesce(said, {unknown})
                {dated if has_deadlines else ""}
                ELSE error('group_by ' || group_by || {none})
            END
    """


def _literals(words: Sequence[str]) -> str:
    return ", ".join(map(literal, words))


def columns_beside(columns: Sequence[str], others: Sequence[str]) -> str:
    """The *columns* of ``people AS w`` beside *others*: one that there is already is called ``people_…``."""
    return ", ".join(
        f"w.{identifier(name)} AS {identifier(f'people_{name}' if name in others else name)}"
        for name in columns
        if name not in _IDENTITY
    )
