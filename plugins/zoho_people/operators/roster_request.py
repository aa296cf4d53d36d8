"""What a roster task was asked for, checked before a single request is spent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zoho_people.model.unit import Course, shown
from zoho_people.planning.course_filter import CourseFilter


class What(StrEnum):
    """What lists are read."""

    COURSES = "courses"
    ROSTERS = "rosters"


@dataclass(frozen=True, slots=True)
class RosterRequest:
    """*what* to read, of which *courses* (of none in particular when empty), as *wanted* by the filters."""

    what: What
    courses: tuple[Course, ...]
    wanted: CourseFilter

    @classmethod
    def parse(cls, *, what: object, courses: object, include: object, exclude: object) -> RosterRequest:
        """The request of an operator's arguments, each list given as such, as JSON, or as None for an empty one.

        :raises ValueError: naming the argument that can't be, and the cure.
        """
        if what not in tuple(What):
            raise ValueError(f"what {shown(what)} is unknown; use one of: {', '.join(What)}")
        request = cls(
            What(str(what)),
            tuple(map(Course.parse, _texts(courses, "courses"))),
            CourseFilter.parse(_texts(include, "include"), _texts(exclude, "exclude")),
        )
        if request.what is What.ROSTERS and not request.courses:
            raise ValueError("courses is empty; name the courses whose rosters to read")
        return request


def _texts(value: object, name: str) -> Sequence[Any]:
    try:
        texts = json.loads(value or "[]") if isinstance(value, str) else value
    except ValueError:
        texts = value
    if texts is None:
        return ()
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        raise ValueError(f'{name} {shown(value)} is not a list of texts; write ["…", "…"]')  # noqa: TRY004
    return texts
