"""Which units a day's coverage says are known: of each course, the learners by entity type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.outcome import KNOWN
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import readable
from zoho_people.publishing.coverage_file import CourseIndex, CoverageFile, RowGroup, of_course
from zoho_people.storage.layout import coverage_folder
from zoho_people.storage.schema import COVERAGE_SCHEMA
from zoho_people.storage.store import Store

_KNOWN = pa.array(KNOWN, pa.string())

_UNIT = ("entity_type", "learner_id")
COLUMNS = [*_UNIT, "outcome", "rows"]
_READ = ("course_id", "batch_id", *COLUMNS)


class CoveredUnits:
    """The coverage of all runs of *day*; holds where to look, not what is there.

    :raises UnusableFile: when a file can't be read: nobody knows which courses it is about.
    """

    def __init__(self, store: Store, day: date) -> None:
        self._store = store
        self._index = CourseIndex()
        folder = coverage_folder(day)
        for name in store.names(folder):
            if name.endswith(".parquet"):
                self._note(f"{folder}/{name}")

    def _note(self, path: str) -> None:
        with _opened(self._store, path) as file:
            self._index.add(path, file)

    def courses(self) -> list[Course]:
        """Every course and batch, in order."""
        found = set[Course]()
        for row_group in self._index:
            pairs = self._table(row_group, ("course_id", "batch_id")).group_by(["course_id", "batch_id"])
            found.update(Course(**each) for each in pairs.aggregate([]).to_pylist())
        return sorted(found, key=str)

    def of(self, course: Course) -> pa.Table:
        """The coverage of *course* by all runs: :data:`COLUMNS`."""
        tables = [
            of_course(self._table(row_group, _READ), course).select(COLUMNS)
            for row_group in self._index.of(course)
        ]
        return pa.concat_tables([COVERAGE_SCHEMA.empty_table().select(COLUMNS), *tables])

    def _table(self, row_group: RowGroup, columns: Sequence[str]) -> pa.Table:
        with _opened(self._store, row_group.path) as file:
            return file.row_group(row_group.number, columns)


@contextmanager
def _opened(store: Store, path: str) -> Iterator[CoverageFile]:
    with readable(path, ValueError), CoverageFile.opened(store, path) as file:
        yield file


def known_units(covered: pa.Table) -> pa.Table:
    """The units that are known, each once: entity_type, learner_id, rows (the most that a run had)."""
    known = covered.filter(pc.is_in(covered["outcome"], value_set=_KNOWN))
    return known.group_by(list(_UNIT)).aggregate([("rows", "max")]).rename_columns([*_UNIT, "rows"])


def count_units(covered: pa.Table) -> int:
    """How many units some run set out to fetch."""
    return covered.group_by(list(_UNIT)).aggregate([]).num_rows


def keys(units: pa.Table) -> Any:
    """The keys of the *units* of a course: entity type and learner id."""
    parts: list[Any] = [units[name].combine_chunks() for name in _UNIT]
    return pc.binary_join_element_wise(*parts, "/")
