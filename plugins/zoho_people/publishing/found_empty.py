"""Which learners a day's runs found without rows: what the dataset's files can't show."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import Outcome
from zoho_people.model.unit import Course
from zoho_people.publishing.coverage_file import CourseIndex, CoverageFile, of_course
from zoho_people.storage.arrow_columns import named_rows
from zoho_people.storage.by_learner import ByLearner, by_type
from zoho_people.storage.layout import coverage_folder
from zoho_people.storage.schema import COVERAGE_SCHEMA
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

_COLUMNS = ("course_id", "batch_id", "learner_id", "entity_type", "outcome", "rows", "fetched_at")
_FOUND = ["entity_type", "learner_id", "fetched_at"]
_KNOWN = pa.array([Outcome.EMPTY, Outcome.CARRIED_FORWARD], pa.string())
_NOTHING = COVERAGE_SCHEMA.empty_table().select(_FOUND)


class FoundEmpty:
    """What the coverage of a day says of learners without rows; holds where to look, not what is there."""

    def __init__(self, store: Store, snapshot_date: date) -> None:
        self._store = store
        self._index = CourseIndex()
        folder = coverage_folder(snapshot_date)
        for name in store.names(folder):
            self._note(f"{folder}/{name}")

    def _note(self, path: str) -> None:
        try:
            with CoverageFile.opened(self._store, path) as file:
                self._index.add(path, file)
        except (ValueError, pa.ArrowException):
            log.warning("%s is no coverage; what it says is left out", path)

    def of(self, course: Course) -> Mapping[EntityType, ByLearner[datetime]]:
        """By entity type and learner, when any run of the day last found that there are no rows."""
        found = pa.concat_tables([_NOTHING, *self._tables(course)])
        last = found.group_by(["entity_type", "learner_id"]).aggregate([("fetched_at", "max")])
        return by_type(last.filter(pc.is_valid(last["fetched_at_max"])), _moments)

    def _tables(self, course: Course) -> Iterator[pa.Table]:
        for row_group in self._index.of(course):
            with CoverageFile.opened(self._store, row_group.path) as file:
                table = of_course(file.row_group(row_group.number, _COLUMNS), course)
            is_known = pc.is_in(table["outcome"], value_set=_KNOWN)
            yield table.filter(pc.and_(is_known, pc.equal(table["rows"], pa.scalar(0)))).select(_FOUND)


def _moments(last: pa.Table) -> Iterator[tuple[str, datetime]]:
    return ((row["learner_id"], row["fetched_at_max"]) for row in named_rows(last))
