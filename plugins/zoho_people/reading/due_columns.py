"""Grouping and filtering by when a learner has to have completed a course.

A due date is that of a learner in a course, so each row of every question has one, or none. What is wanted of it
is in ``people_with``, beside the columns of the people file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from zoho_people.reading.literals import literal

DUE_DATE, DUE_MONTH, DUE_FROM, DUE_UNTIL = "due_date", "due_month", "due_from", "due_until"
DUE_GROUPS = (DUE_DATE, DUE_MONTH)
"""Columns to group by, and to filter by their groups: days, and months as ``2026-12``."""

DUE_RANGE = (DUE_FROM, DUE_UNTIL)
"""The first and the last day, to filter by; a row without a due date is not between them."""

NO_DUE_DATE = "no due date"
"""The group of what has none; the word finds it, too."""

WANTED = "(people_with::MAP(VARCHAR, VARCHAR[]))"
"""What is wanted, by column; as it was given."""

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def read_due(name: str, value: Any) -> str:
    """*value* as the filter *name* has it: a day or a month; where that names groups, :data:`NO_DUE_DATE` too.

    :raises ValueError: when it is none of these.
    """
    text, is_group = str(value), name in DUE_GROUPS
    if is_group and text == NO_DUE_DATE:
        return text
    if name == DUE_MONTH:
        if _MONTH.fullmatch(text):
            return text
        raise ValueError(f"{text[:80]!r} is no month; write YYYY-MM, or {NO_DUE_DATE}")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        more = f", or {NO_DUE_DATE}" if is_group else ""
        raise ValueError(f"{text[:80]!r} is no day; write YYYY-MM-DD{more}") from None


def due_macros() -> Iterator[str]:
    """What makes the macros.

    ``filters_due(people_with)``         whether some due dates are wanted
    ``asks_due(people_with, group_by)``  whether somebody asks for due dates
    ``is_due_chosen(people_with, due)``  whether *due* is among those that are wanted
    ``takes_undated(people_with)``       whether these have what has no due date
    ``said_of_due(group_by, due)``       what the column *group_by* says of *due*, if it is one of due dates
    """
    none = literal(NO_DUE_DATE)
    days, months = f"{WANTED}[{literal(DUE_DATE)}]", f"{WANTED}[{literal(DUE_MONTH)}]"
    first, last = f"{WANTED}[{literal(DUE_FROM)}]", f"{WANTED}[{literal(DUE_UNTIL)}]"
    names = ", ".join(map(literal, (*DUE_GROUPS, *DUE_RANGE)))
    yield f"""
        CREATE MACRO filters_due(people_with) AS
            coalesce(list_has_any(map_keys(wanted_people(people_with)), [{names}]), false)
    """
    yield f"""
        CREATE MACRO asks_due(people_with, group_by) AS
            coalesce(group_by IN ({", ".join(map(literal, DUE_GROUPS))}), false) OR filters_due(people_with)
    """
    yield f"""
        CREATE MACRO is_due_chosen(people_with, due) AS
            is_chosen({days}, due::VARCHAR) AND is_chosen({months}, {_month("due")})
            AND coalesce(due >= {first}[1]::DATE, true) AND coalesce(due <= {last}[1]::DATE, true)
    """
    yield f"""
        CREATE MACRO takes_undated(people_with) AS
            is_chosen({days}, {none}) AND is_chosen({months}, {none}) AND {first} IS NULL AND {last} IS NULL
    """
    yield f"""
        CREATE MACRO said_of_due(group_by, due) AS
            CASE group_by
                WHEN {literal(DUE_DATE)} THEN due::VARCHAR
                WHEN {literal(DUE_MONTH)} THEN {_month("due")}
            END
    """


def _month(due: str) -> str:
    return f"strftime({due}, '%Y-%m')"
