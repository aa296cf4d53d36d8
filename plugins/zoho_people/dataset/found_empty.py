"""Which learners a day's runs found without rows: what the dataset's files can't show."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.api.unit import Course
from zoho_people.dataset.by_type import ByType
from zoho_people.dataset.columns import moments
from zoho_people.dataset.coverage_file import CoverageFile, of_course
from zoho_people.dataset.layout import coverage_folder
from zoho_people.dataset.schema import COVERAGE_SCHEMA
from zoho_people.dataset.staged_unit import CARRIED_FORWARD, EMPTY
from zoho_people.dataset.store import Store

log = logging.getLogger(__name__)

_COLUMNS = ("course_id", "batch_id", "learner_id", "entity_type", "outcome", "rows", "fetched_at")
_FOUND = ["entity_type", "learner_id", "fetched_at"]
_KNOWN = pa.array([EMPTY, CARRIED_FORWARD], pa.string())
_NOTHING = COVERAGE_SCHEMA.empty_table().select(_FOUND)
Place = tuple[str, int]
"""A coverage file and a row group of it."""


class FoundEmpty:
    """What the coverage of a day says of learners without rows; holds where to look, not what is there."""

    def __init__(self, store: Store, snapshot_date: date) -> None:
        self._store = store
        self._by_course: dict[str, list[Place]] = defaultdict(list)
        self._mixed: list[Place] = []
        folder = coverage_folder(snapshot_date)
        for name in store.names(folder):
            self._note(f"{folder}/{name}")

    def _note(self, path: str) -> None:
        try:
            with CoverageFile.opened(self._store, path) as file:
                for group, (first, last) in enumerate(file.course_ids):
                    places = self._by_course[first] if first == last else self._mixed
                    places.append((path, group))
        except (ValueError, pa.ArrowException):
            log.warning("%s is no coverage; what it says is left out", path)

    def of(self, course: Course) -> ByType[datetime]:
        """By entity type and learner, when any run of the day last found that there are no rows."""
        return ByType.of(pa.concat_tables([_NOTHING, *self._tables(course)]), _last)

    def _tables(self, course: Course) -> Iterator[pa.Table]:
        for path, group in (*self._by_course.get(course.course_id, ()), *self._mixed):
            with CoverageFile.opened(self._store, path) as file:
                table = of_course(file.group(group, _COLUMNS), course)
            is_known = pc.is_in(table["outcome"], value_set=_KNOWN)
            yield table.filter(pc.and_(is_known, pc.equal(table["rows"], pa.scalar(0)))).select(_FOUND)


def _last(found: pa.Table) -> dict[str, datetime]:
    """The last moment of each learner."""
    last: dict[str, datetime] = {}
    learners: list[Any] = found["learner_id"].to_pylist()
    for learner_id, at in zip(learners, moments(found["fetched_at"]), strict=True):
        if at is not None:
            last[learner_id] = max(at, last.get(learner_id, at))
    return last
