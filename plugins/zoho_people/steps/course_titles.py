"""What Airflow's grid calls a course: by its name where the run read Zoho's lists, else by its id.

A name is Zoho's, so it is text and never a template, and may be of any length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, cached_property, partial

from zoho_people.model.listed_course import ListedCourse
from zoho_people.model.unit import Course
from zoho_people.model.wording import counted, one_line
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.staged_lists import batch_names

_NAME_CHARS = 40
"""So long a name may be: each mapped task has one, and the grid shows no more."""


class CourseTitles:
    """The titles of the courses that are *listed*, by id; *lists* has the names of their batches."""

    def __init__(self, listed: Mapping[str, ListedCourse], lists: ListStaging) -> None:
        self._listed = listed
        self._batch_names = cache(partial(batch_names, lists))

    def of(self, course: Course) -> str:
        """``name``, or ``name · batch``; with the id, too, where several courses have the name."""
        entry = self._listed.get(course.course_id)
        name = one_line(entry.name, most=_NAME_CHARS) if entry else ""
        if not name:
            return str(course)
        if self._times[name] > 1:
            name = f"{name} ({course.course_id})"
        return (
            name if course.batch_id is None else f"{name} · {self._batch(course.course_id, course.batch_id)}"
        )

    def of_several(self, courses: Sequence[Course]) -> str:
        """The first and the last of *courses*, and how many they are."""
        if len(courses) == 1:
            return self.of(courses[0])
        return f"{self.of(courses[0])} … {self.of(courses[-1])} · {counted(len(courses), 'course')}"

    @cached_property
    def _times(self) -> Mapping[str, int]:
        return Counter(one_line(entry.name, most=_NAME_CHARS) for entry in self._listed.values())

    def _batch(self, course_id: str, batch_id: str) -> str:
        name = one_line(self._batch_names(course_id).get(batch_id, ""), most=_NAME_CHARS)
        return name or f"batch {batch_id}"
