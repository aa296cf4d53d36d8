"""A file of coverage, read course by course."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.model.unit import Course
from zoho_people.storage.row_groups import ValueRange, value_ranges
from zoho_people.storage.schema import COVERAGE_SCHEMA
from zoho_people.storage.schema_change import ForeignColumns, SchemaChange
from zoho_people.storage.store import Store


class CoverageFile:
    """The coverage of one run; whoever reads it holds one row group at a time."""

    def __init__(self, file: pq.ParquetFile, change: SchemaChange) -> None:
        self._file = file
        self._change = change
        self.course_ids: Sequence[ValueRange] = list(value_ranges(file, "course_id"))
        """Those of each row group: one where it is about one course, as most are."""

    @classmethod
    @contextmanager
    def opened(cls, store: Store, path: str) -> Iterator[CoverageFile]:
        """The file at *path*.

        :raises FileNotFoundError: when there is none.
        :raises ValueError: when it is no coverage (ArrowInvalid, which is one, when it is no Parquet).
        """
        with store.open(path) as source, pq.ParquetFile(source) as file:
            try:
                change = SchemaChange.between(file.schema_arrow, COVERAGE_SCHEMA)
            except ForeignColumns as error:
                raise ValueError(f"{path} is no coverage: {error}") from None
            yield cls(file, change)

    def row_groups(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """*columns* of every row group."""
        for number in range(self._file.num_row_groups):
            yield self.row_group(number, columns)

    def row_group(self, number: int, columns: Sequence[str]) -> pa.Table:
        """*columns* of one row group."""
        in_file = self._change.in_file(columns)
        table = self._file.read_row_group(number, columns=in_file, use_threads=False)
        return self._change.complete(table, columns)

    def rows_of(self, course: Course) -> pa.Table:
        """The rows of one course or batch."""
        groups = [
            of_course(self.row_group(number, COVERAGE_SCHEMA.names), course)
            for number, ids in enumerate(self.course_ids)
            if ids.may_have(course.course_id)
        ]
        return pa.concat_tables([COVERAGE_SCHEMA.empty_table(), *groups])


class RowGroup(NamedTuple):
    """A row group of one of several coverage files."""

    path: str
    number: int


class CourseIndex:
    """In which row groups of several coverage files a course may be; holds where to look, not what is there."""

    def __init__(self) -> None:
        self._of_one: dict[str, list[RowGroup]] = defaultdict(list)
        self._of_several: list[RowGroup] = []

    def add(self, path: str, file: CoverageFile) -> None:
        """Take in *file*, which is at *path*."""
        for number, ids in enumerate(file.course_ids):
            row_groups = self._of_one[ids.least] if ids.is_one_value else self._of_several
            row_groups.append(RowGroup(path, number))

    def __iter__(self) -> Iterator[RowGroup]:
        """All row groups."""
        yield from chain(*self._of_one.values(), self._of_several)

    def of(self, course: Course) -> Iterator[RowGroup]:
        """Those that may have rows of *course*."""
        yield from chain(self._of_one.get(course.course_id, ()), self._of_several)


def of_course(table: pa.Table, course: Course) -> pa.Table:
    """The rows of *table* that are about *course*."""
    is_here: Any = pc.equal(table["course_id"], pa.scalar(course.course_id))
    batches: Any = table["batch_id"]
    is_batch = (
        pc.is_null(batches) if course.batch_id is None else pc.equal(batches, pa.scalar(course.batch_id))
    )
    return table.filter(pc.and_(is_here, pc.fill_null(is_batch, pa.scalar(value=False))))
