"""The truth: what a client must have read when it has read everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zoho_emulator.lists import Lists
from zoho_emulator.organisation import Course, Unit

_FILTERS = ("course_id", "batch_id", "learner_id", "entity_type")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which units are asked for; None stands for all."""

    course_id: str | None = None
    batch_id: str | None = None
    learner_id: str | None = None
    entity_type: str | None = None

    @classmethod
    def parse(cls, params: Mapping[str, str]) -> Wanted:
        """The filters of a query.

        :raises ValueError: when there is an unknown one.
        """
        for name in params:
            if name not in _FILTERS:
                raise ValueError(f"unknown filter {name!r}; the filters are: {', '.join(_FILTERS)}")
        return cls(**params)

    def has_unit(self, unit: Unit) -> bool:
        """Whether *unit* is asked for."""
        return self.learner_id in (None, str(unit.learner.learner_id)) and self.entity_type in (
            None,
            str(unit.kind.code),
        )


def true_units(lists: Lists, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Every wanted unit, one after the other, with all its records as the pages send them."""
    for course, batch_id in _course_batches(lists, wanted):
        for unit in lists.organisation.units(course, batch_id):
            if wanted.has_unit(unit):
                yield {
                    "course_id": str(course.course_id),
                    "batch_id": None if batch_id is None else str(batch_id),
                    "learner_id": str(unit.learner.learner_id),
                    "entity_type": unit.kind.code,
                    "records": lists.records(unit),
                }


def _course_batches(lists: Lists, wanted: Wanted) -> Iterator[tuple[Course, int | None]]:
    for course in lists.organisation.all_courses():
        for batch_id in course.batch_ids or (None,):
            if wanted.course_id in (None, str(course.course_id)) and wanted.batch_id in (None, str(batch_id)):
                yield course, batch_id
