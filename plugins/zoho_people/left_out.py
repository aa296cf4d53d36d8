"""Learners who are left out of a plan, because they were forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from zoho_people.api.unit import Course
from zoho_people.dataset.forgotten import Forgotten


class LeftOut:
    """Leaves them out of the courses of a plan, on the way; ``count`` has each as often as a course has them."""

    def __init__(self, forgotten: Forgotten, *, count: int = 0) -> None:
        self._forgotten = forgotten
        self.count = count

    def of(
        self, courses: Iterable[tuple[Course, Mapping[str, str | None]]]
    ) -> Iterator[tuple[Course, Mapping[str, str | None]]]:
        """*courses* without learners who were forgotten."""
        for course, learners in courses:
            gone = self._forgotten.among(learners)
            self.count += len(gone)
            yield course, {each: mark for each, mark in learners.items() if each not in gone}
