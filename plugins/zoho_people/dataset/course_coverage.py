"""The coverage of one course: what came of each of its units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.by_type import ByType
from zoho_people.dataset.columns import moments
from zoho_people.dataset.course_file import CourseFile, UnusableFile
from zoho_people.dataset.earlier import as_staged, has_rows
from zoho_people.dataset.layout import progress_file
from zoho_people.dataset.merge import Cut, find_cuts
from zoho_people.dataset.schema import COVERAGE_SCHEMA
from zoho_people.dataset.staged_unit import (
    CARRIED_FORWARD,
    FAILED,
    FETCHED,
    LEFT,
    POSTPONED,
    TYPE_ABSENT,
    StagedUnit,
)
from zoho_people.dataset.staging import Staging
from zoho_people.refresh import PlannedUnit, Reason

NOT_FETCHED = "not fetched"
UNFINISHED = "not finished"
LOST = "not carried forward: the rows are not where they were; the next run fetches them"

_ROWS_AT_A_TIME = 2_048

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
    before: Mapping[EntityType, Mapping[str, Row]]
    empty: Mapping[EntityType, Mapping[str, datetime]]

    def tables(self, entity_type: EntityType, planned: Sequence[PlannedUnit]) -> Iterator[pa.Table]:
        """A row per unit of *planned*, all of *entity_type*, in that order, some thousand a table."""
        found = self._found(entity_type, planned)
        for first in range(0, len(planned), _ROWS_AT_A_TIME):
            rows = [self._row(each, found) for each in planned[first : first + _ROWS_AT_A_TIME]]
            yield pa.Table.from_pylist(rows, schema=COVERAGE_SCHEMA)

    def _found(self, entity_type: EntityType, planned: Sequence[PlannedUnit]) -> _Found:
        finished = {unit.learner_id: unit for unit in self.staging.finished(entity_type, self.course)}
        carried = [as_staged(each) for each in planned if each.is_fine_carried and each.rows]
        problem, cuts = None, []
        if carried or any(unit.rows for unit in finished.values()):
            path = progress_file(entity_type, self.course, self.snapshot_date)
            try:
                with CourseFile.opened(self.staging.store, path) as file:
                    cuts = find_cuts(sorted(carried, key=lambda unit: unit.learner_id), file)
            except UnusableFile as error:
                problem = f"not published: {error}"
        return _Found(
            finished,
            self.staging.unfinished(entity_type, self.course),
            {cut.staged.learner_id: cut for cut in cuts},
            self.before.get(entity_type, {}),
            self.empty.get(entity_type, {}),
            problem,
        )

    def _row(self, planned: PlannedUnit, found: _Found) -> Row:
        row = self._outcome(planned, found)
        if found.problem is not None and row["outcome"] == FETCHED:
            row |= {"outcome": FAILED, "error": found.problem}
        return row | {"dag_run_id": self.dag_run_id}

    def _outcome(self, planned: PlannedUnit, found: _Found) -> Row:
        unit = planned.unit
        if unit.learner_id in found.finished:
            return _staged_row(unit, found.finished[unit.learner_id])
        if unit.learner_id in found.unfinished:
            return self._unfinished(unit, found)
        if planned.is_fine_carried:
            return _row(unit, **found.carried(planned))
        match planned.reason:
            case Reason.ABSENT:
                return _row(unit, TYPE_ABSENT, fetched_at=planned.last_at)
            case Reason.LEFT:
                return _row(unit, LEFT)
        return found.before.get(unit.learner_id) or _row(
            unit, FAILED, error=POSTPONED if planned.reason is Reason.POSTPONED else NOT_FETCHED
        )

    def _unfinished(self, unit: Unit, found: _Found) -> Row:
        failed = self.staging.unit(unit)
        if failed is not None:
            return _staged_row(unit, failed)
        pages = self.staging.progress(unit).pages
        before = None if pages else found.before.get(unit.learner_id)
        return before or _row(unit, FAILED, pages=pages, error=UNFINISHED if pages else NOT_FETCHED)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of the units of one entity type; *problem* says why the day's file can't be read."""

    finished: Mapping[str, StagedUnit]
    unfinished: set[str]
    cuts: Mapping[str, Cut]
    before: Mapping[str, Row]
    empty: Mapping[str, datetime]
    problem: str | None

    def carried(self, planned: PlannedUnit) -> Row:
        """The outcome of a unit that was carried forward: whether its rows are in the day's file."""
        learner_id, last_at = planned.unit.learner_id, planned.last_at
        cut = self.cuts.get(learner_id)
        facts = {"outcome": CARRIED_FORWARD, "pages": planned.pages, "rows": 0, "fetched_at": last_at}
        if not planned.rows:
            return facts
        if cut is not None and has_rows(cut):
            return facts | {"rows": cut.published_rows}
        found_empty = self.empty.get(learner_id)
        if found_empty is not None and last_at is not None and found_empty > last_at:
            return facts
        is_postponed = planned.reason is Reason.POSTPONED
        return {"outcome": FAILED, "error": POSTPONED if is_postponed else self.problem or LOST}


def rows_before(coverage: pa.Table) -> ByType[Row]:
    """What a course's *coverage* said, but for units that were left for another day."""
    is_other: Any = pc.not_equal(coverage["error"], pa.scalar(POSTPONED))
    rows = coverage.filter(pc.fill_null(is_other, pa.scalar(value=True)))
    return ByType.of(rows, _rows)


def _rows(coverage: pa.Table) -> dict[str, Row]:
    others = [name for name in coverage.column_names if name != "fetched_at"]
    rows = coverage.select(others).to_pylist()
    return {
        row["learner_id"]: row | {"fetched_at": at}
        for row, at in zip(rows, moments(coverage["fetched_at"]), strict=True)
    }


def _staged_row(unit: Unit, staged: StagedUnit) -> Row:
    return _row(
        unit,
        staged.outcome,
        pages=staged.pages,
        rows=staged.rows,
        error=staged.error,
        fetched_at=staged.fetched_at,
    )


def _row(
    unit: Unit,
    outcome: str,
    *,
    pages: int = 0,
    rows: int = 0,
    error: str | None = None,
    fetched_at: datetime | None = None,
) -> Row:
    return {
        "course_id": unit.course.course_id,
        "batch_id": unit.course.batch_id,
        "learner_id": unit.learner_id,
        "entity_type": unit.entity_type.label,
        "outcome": outcome,
        "pages": pages,
        "rows": rows,
        "error": error,
        "fetched_at": fetched_at,
    }
