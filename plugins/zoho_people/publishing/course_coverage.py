"""The coverage of one course: what came of each of its units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import POSTPONED, Outcome
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.model.unit import Course, Unit
from zoho_people.publishing.course_file import CourseFile, UnusableFile
from zoho_people.publishing.earlier_snapshots import as_staged
from zoho_people.publishing.row_ranges import RowRanges, is_there
from zoho_people.staging.progress_pages import StagedUnits, Staging
from zoho_people.storage.arrow_columns import ROWS_AT_A_TIME, named_rows
from zoho_people.storage.by_learner import ByLearner, InTurn, by_type
from zoho_people.storage.layout import progress_file
from zoho_people.storage.schema import COVERAGE_SCHEMA

NOT_FETCHED = "not fetched"
UNFINISHED = "not finished"
LOST = "not carried forward: the rows are not where they were; the next run fetches them"

_NOTHING: Mapping[str, Any] = {"pages": 0, "rows": 0, "error": None, "fetched_at": None}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CourseCoverage:
    """Says what came of the units of *course*.

    *before* is what the run's coverage said of them before; *empty* when a run of the day last found a learner
    without rows; both by entity type and learner.
    """

    staging: Staging
    course: Course
    snapshot_date: date
    dag_run_id: str
    before: Mapping[EntityType, ByLearner[Row]]
    empty: Mapping[EntityType, ByLearner[datetime]]

    def tables(self, entity_type: EntityType, planned: Iterable[PlannedUnit]) -> Iterator[pa.Table]:
        """A row per unit of *planned*, all of *entity_type*, in that order, some thousand a table."""
        with ExitStack() as stack:
            file, problem = self._file(stack, progress_file(entity_type, self.course, self.snapshot_date))
            found = _Found(
                self.staging.units(entity_type, self.course),
                RowRanges(file),
                InTurn(self.before.get(entity_type, {})),
                InTurn(self.empty.get(entity_type, {})),
                problem,
            )
            rest = iter(planned)
            while some := list(islice(rest, ROWS_AT_A_TIME)):
                rows = [found.row(each) | {"dag_run_id": self.dag_run_id} for each in some]
                yield pa.Table.from_pylist(rows, schema=COVERAGE_SCHEMA)

    def _file(self, stack: ExitStack, path: str) -> tuple[CourseFile, str | None]:
        """The day's file, and why it can't be read: it is then one without rows."""
        try:
            file = stack.enter_context(CourseFile.opened(self.staging.store, path))
            RowRanges(file).check()
        except UnusableFile as error:
            return CourseFile(path, None), f"not published: {error}"
        return file, None


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of the units of one entity type; *problem* says why the day's file can't be read."""

    staged: StagedUnits
    here: RowRanges
    before: InTurn[Row]
    empty: InTurn[datetime]
    problem: str | None

    def row(self, planned: PlannedUnit) -> Row:
        """What came of the unit; to be asked for in the order of the learners' ids."""
        row = self._outcome(planned)
        if self.problem is not None and row["outcome"] == Outcome.FETCHED:
            row |= {"outcome": Outcome.FAILED, "error": self.problem}
        return row

    def _outcome(self, planned: PlannedUnit) -> Row:
        unit = planned.unit
        finished = self.staged.finished(unit.learner_id)
        if finished is not None:
            return _staged_row(unit, finished)
        before = self.before.get(unit.learner_id)
        if unit.learner_id in self.staged.begun:
            return self._unfinished(unit, before)
        if planned.is_fine_carried:
            return _row(unit, **self._carried(planned))
        match planned.reason:
            case Reason.ABSENT:
                return _row(unit, Outcome.TYPE_ABSENT, fetched_at=planned.last_at)
            case Reason.LEFT:
                return _row(unit, Outcome.LEFT)
        return before or _row(
            unit, Outcome.FAILED, error=POSTPONED if planned.reason is Reason.POSTPONED else NOT_FETCHED
        )

    def _unfinished(self, unit: Unit, before: Row | None) -> Row:
        failed = self.staged.failed(unit.learner_id)
        if failed is not None:
            return _staged_row(unit, failed)
        pages = self.staged.progress(unit.learner_id).pages
        known = None if pages else before
        return known or _row(unit, Outcome.FAILED, pages=pages, error=UNFINISHED if pages else NOT_FETCHED)

    def _carried(self, planned: PlannedUnit) -> Row:
        """The outcome of a unit that was carried forward: whether its rows are in the day's file."""
        learner_id, last_at = planned.unit.learner_id, planned.last_at
        facts = {"outcome": Outcome.CARRIED_FORWARD, "pages": planned.pages, "rows": 0, "fetched_at": last_at}
        if not planned.rows:
            return facts
        here = self.here.find(learner_id)
        if self.problem is None and is_there(as_staged(planned), here):
            return facts | {"rows": here.rows}
        found_empty = self.empty.get(learner_id)
        if found_empty is not None and last_at is not None and found_empty > last_at:
            return facts
        is_postponed = planned.reason is Reason.POSTPONED
        return {"outcome": Outcome.FAILED, "error": POSTPONED if is_postponed else self.problem or LOST}


def rows_before(coverage: pa.Table) -> Mapping[EntityType, ByLearner[Row]]:
    """What a course's *coverage* said, but for units that were left for another day."""
    is_other: Any = pc.not_equal(coverage["error"], pa.scalar(POSTPONED))
    return by_type(coverage.filter(pc.fill_null(is_other, pa.scalar(value=True))), _rows)


def _rows(coverage: pa.Table) -> Iterator[tuple[str, Row]]:
    return ((row["learner_id"], row) for row in named_rows(coverage))


def _staged_row(unit: Unit, staged: StagedUnit) -> Row:
    return _row(
        unit,
        staged.outcome,
        pages=staged.pages,
        rows=staged.rows,
        error=staged.error,
        fetched_at=staged.fetched_at,
    )


def _row(unit: Unit, outcome: str, **facts: Any) -> Row:
    return {
        "course_id": unit.course.course_id,
        "batch_id": unit.course.batch_id,
        "learner_id": unit.learner_id,
        "entity_type": unit.entity_type.label,
        "outcome": outcome,
        **_NOTHING,
        **facts,
    }
