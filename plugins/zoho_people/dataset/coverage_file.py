"""A file of coverage, read course by course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.api.unit import Course
from zoho_people.dataset.schema import COVERAGE_SCHEMA
from zoho_people.dataset.store import Store

_COURSE_ID = COVERAGE_SCHEMA.get_field_index("course_id")


class CoverageFile:
    """The coverage of one run; whoever reads it holds one row group at a time."""

    def __init__(self, file: pq.ParquetFile, course_ids: Sequence[tuple[str, str]]) -> None:
        self._file = file
        self.course_ids = course_ids
        """The first and last course id of each row group: the same where it is about one course, as most are."""

    @classmethod
    @contextmanager
    def opened(cls, store: Store, path: str) -> Iterator[CoverageFile]:
        """The file at *path*.

        :raises FileNotFoundError: when there is none.
        :raises ValueError: when it is no coverage (ArrowInvalid, which is one, when it is no Parquet).
        """
        with store.open(path) as source, pq.ParquetFile(source) as file:
            if not file.schema_arrow.equals(COVERAGE_SCHEMA):
                raise ValueError(f"{path} is no coverage")
            yield cls(file, list(_course_ids(file)))

    def groups(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """*columns* of every row group."""
        for group in range(self._file.num_row_groups):
            yield self.group(group, columns)

    def group(self, group: int, columns: Sequence[str]) -> pa.Table:
        """*columns* of row group number *group*."""
        return self._file.read_row_group(group, columns=list(columns))

    def rows_of(self, course: Course) -> pa.Table:
        """The rows of one course or batch."""
        groups = [
            of_course(self.group(group, COVERAGE_SCHEMA.names), course)
            for group, (first, last) in enumerate(self.course_ids)
            if first <= course.course_id <= last
        ]
        return pa.concat_tables([COVERAGE_SCHEMA.empty_table(), *groups])


def _course_ids(file: pq.ParquetFile) -> Iterator[tuple[str, str]]:
    for group in range(file.num_row_groups):
        ids: Any = file.metadata.row_group(group).column(_COURSE_ID).statistics
        yield (ids.min, ids.max) if ids is not None and ids.has_min_max else ("", "~")


def of_course(table: pa.Table, course: Course) -> pa.Table:
    """The rows of *table* that are about *course*."""
    is_here: Any = pc.equal(table["course_id"], pa.scalar(course.course_id))
    batches: Any = table["batch_id"]
    is_batch = (
        pc.is_null(batches) if course.batch_id is None else pc.equal(batches, pa.scalar(course.batch_id))
    )
    return table.filter(pc.and_(is_here, pc.fill_null(is_batch, pa.scalar(value=False))))
