"""What most answers about a day need, worked out once when the day is opened, by the questions' own definitions.

The macros of :mod:`zoho_people.reading` are replaced, in this one connection, by looks into tables with what these
macros gave: so every question and every view has the same, and no file is opened for it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from zoho_people.reading.opened import OpenDataset

_OF_A_DAY = ("course_names", "learner_names", "units_of_day")


def keep_tables(opened: OpenDataset, day: date) -> None:
    """Have the units, names and due dates of *day* at hand; of another day *opened* knows none from now on."""
    for statement in _statements(day):
        opened.execute(statement)


def _statements(day: date) -> Iterator[str]:
    of_day = f"DATE '{day}'"
    for name in _OF_A_DAY:
        yield f"CREATE TABLE kept_{name} AS FROM {name}({of_day})"
    # Those of everybody until then: other days are looked at, too.
    yield f"CREATE TABLE kept_due_dates AS FROM due_dates(NULL, {of_day})"
    for name in (*_OF_A_DAY, "due_dates"):
        days = "first_day, day" if name == "due_dates" else "day"
        yield f"CREATE OR REPLACE MACRO {name}({days}) AS TABLE FROM kept_{name} WHERE day = {of_day}"
