"""What a run set out to do, and what came of it: one row per planned unit, always.

"No rows" and "never asked" look the same in the dataset; here they don't. Written and read course by course.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import ANSWERED, POSTPONED, Outcome
from zoho_people.model.run_xcoms import UnitCounts
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.plan_file import PlanFile
from zoho_people.publishing.course_coverage import CourseCoverage, Row, rows_before
from zoho_people.publishing.coverage_file import CoverageFile
from zoho_people.publishing.found_empty import FoundEmpty
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import ROWS_AT_A_TIME, named_rows, values
from zoho_people.storage.by_learner import ByLearner
from zoho_people.storage.row_groups import write_row_groups
from zoho_people.storage.schema import COVERAGE_SCHEMA
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

ROW_GROUP_ROWS = 16_384
_MISSING = pa.array([Outcome.FAILED, Outcome.FORBIDDEN], pa.string())
_UNIT = ("course_id", "batch_id", "learner_id", "entity_type")


class CourseRows(NamedTuple):
    """Rows of the coverage that are about one course."""

    course: Course
    table: pa.Table


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one run, at *path* below the output path. Each question reads the file, a part at a time.

    Each of them raises FileNotFoundError where there is none.
    """

    store: Store
    path: str

    @property
    def outcomes(self) -> dict[str, int]:
        """How many units came to each outcome; all eight are there."""
        found: Counter[str] = Counter({each.value: 0 for each in Outcome})
        for table in self._tables("outcome"):
            counts = values(table["outcome"].value_counts())
            found.update({each["values"]: each["counts"] for each in counts})
        return dict(found)

    @property
    def learners(self) -> int:
        """How many learners the run was about; holds the id of each once."""
        found = set[str]()
        for _, table in self.courses("learner_id"):
            found.update(values(table["learner_id"].unique()))
        return len(found)

    @property
    def counts(self) -> UnitCounts:
        """Of how many units that were to be asked for Zoho's answer is known, or missing."""
        outcomes = self.outcomes
        answered = sum(outcomes[outcome] for outcome in (*ANSWERED, Outcome.NOT_FOUND))
        missing = outcomes[Outcome.FAILED] + outcomes[Outcome.FORBIDDEN]
        return UnitCounts(
            asked=answered + missing, answered=answered, missing=missing, postponed=self.postponed
        )

    def missing(self) -> Iterator[tuple[Unit, str]]:
        """The units that could not be had, and why; those left for another day are none of them."""
        for table in self._tables(*_UNIT, "outcome", "error"):
            is_wanting: Any = pc.is_in(table["outcome"], value_set=_MISSING)
            is_postponed: Any = pc.fill_null(
                pc.equal(table["error"], pa.scalar(POSTPONED)), pa.scalar(value=False)
            )
            for row in named_rows(table.filter(pc.and_not(is_wanting, is_postponed))):
                yield _unit(row), row["error"]

    @property
    def postponed(self) -> int:
        """How many units were left for another day, and have no rows today."""
        return sum(values(table["error"]).count(POSTPONED) for table in self._tables("error"))

    @property
    def unknown_courses(self) -> list[Course]:
        """Courses of which Zoho found not one of the learners: most likely their ids are wrong."""
        found: dict[Course, set[str]] = {}
        for course, table in self.courses("outcome"):
            found.setdefault(course, set()).update(values(table["outcome"]))
        return [
            course for course, outcomes in found.items() if outcomes - {Outcome.LEFT} == {Outcome.NOT_FOUND}
        ]

    def courses(self, *columns: str) -> Iterator[CourseRows]:
        """*columns* of a part of a course's rows, again and again: the parts of a course follow on each other."""
        for table in self._tables("course_id", "batch_id", *columns):
            for first in range(0, table.num_rows, ROWS_AT_A_TIME):
                yield from _by_course(table.slice(first, ROWS_AT_A_TIME))

    def read(self) -> pa.Table:
        """All of it, whatever its size."""
        return pa.concat_tables([COVERAGE_SCHEMA.empty_table(), *self._tables(*COVERAGE_SCHEMA.names)])

    def _tables(self, *columns: str) -> Iterator[pa.Table]:
        with CoverageFile.opened(self.store, self.path) as file:
            yield from file.row_groups(columns)


def write_coverage(staging: Staging, plan: PlanFile, snapshot_date: date, dag_run_id: str) -> Coverage:
    """Write the run's coverage: what *staging* and the dataset know of each unit of *plan*, in the plan's order.

    To be called after publishing, whatever came of that: rows that were carried forward count where they are in
    the day's file, and what was fetched for a file that can't be read is ``failed``.

    Where staging knows nothing of a unit that was asked for, what this run's coverage said before stays (its
    staging may be removed already, and one task cleared); else the unit ``failed``: it was never fetched.

    :raises FileNotFoundError: when there is no plan.
    """
    path = layout.coverage_file(snapshot_date, staging.key)
    empty = FoundEmpty(staging.store, snapshot_date)
    with (
        _before(staging.store, path) as before,
        staging.store.replacing(path) as temporary,
        pq.ParquetWriter(temporary, COVERAGE_SCHEMA, compression="zstd") as writer,
    ):
        for course, files in plan.courses():
            covered = CourseCoverage(
                staging, course, snapshot_date, dag_run_id, before(course), empty.of(course)
            )
            tables = (table for entity_type, units in files for table in covered.tables(entity_type, units))
            write_row_groups(writer, tables, ROW_GROUP_ROWS)
    return Coverage(staging.store, path)


@contextmanager
def _before(store: Store, path: str) -> Iterator[Callable[[Course], Mapping[EntityType, ByLearner[Row]]]]:
    """What the file at *path* says of a course; nothing where there is none, or (with a warning) no coverage."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(CoverageFile.opened(store, path))
        except FileNotFoundError:
            yield lambda _: rows_before(COVERAGE_SCHEMA.empty_table())
        except (ValueError, pa.ArrowException):
            log.warning("%s is no coverage; it is replaced", path)
            yield lambda _: rows_before(COVERAGE_SCHEMA.empty_table())
        else:
            yield lambda course: rows_before(file.rows_of(course))


def _by_course(table: pa.Table) -> Iterator[CourseRows]:
    """The rows of each course in turn."""
    first = 0
    ids = zip(values(table["course_id"]), values(table["batch_id"]), strict=True)
    for (course_id, batch_id), same in groupby(ids):
        count = sum(1 for _ in same)
        yield CourseRows(Course(course_id, batch_id), table.slice(first, count))
        first += count


def _unit(row: Mapping[str, Any]) -> Unit:
    course = Course(row["course_id"], row["batch_id"])
    return Unit(course, row["learner_id"], EntityType.parse(row["entity_type"]))
