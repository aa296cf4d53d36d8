"""Learners who are left out of a plan, because they were forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass

from zoho_people.model.unit import Course
from zoho_people.storage.forgotten import Forgotten


@dataclass(slots=True)
class LeftOut:
    """Leaves them out of the courses of a plan, on the way; ``count`` has each as often as a course has them.

    *forgotten* are those of each output path that the run writes to. *drop* takes learners out of what is kept of
    a course, where something is: an erasure that ran while a list was read may have missed them there.
    """

    forgotten: Collection[Forgotten]
    _: KW_ONLY
    count: int = 0
    drop: Callable[[Course, Collection[str]], None] | None = None

    def of(
        self, courses: Iterable[tuple[Course, Mapping[str, str | None]]]
    ) -> Iterator[tuple[Course, Mapping[str, str | None]]]:
        """*courses* without learners who were forgotten."""
        for course, learners in courses:
            gone = frozenset[str]().union(*(each.among(learners) for each in self.forgotten))
            if gone and self.drop:
                self.drop(course, gone)
            self.count += len(gone)
            yield course, {each: fingerprint for each, fingerprint in learners.items() if each not in gone}
