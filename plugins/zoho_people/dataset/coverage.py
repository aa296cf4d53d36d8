"""What a run set out to fetch, and what came of it: one row per planned unit, always.

"No rows" and "never asked" look the same in the dataset; here they don't.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset import layout
from zoho_people.dataset.schema import COVERAGE_SCHEMA
from zoho_people.dataset.staged_unit import EMPTY, FAILED, FETCHED, FORBIDDEN, NOT_FOUND, OUTCOMES, StagedUnit
from zoho_people.dataset.staging import Staging
from zoho_people.dataset.store import Store

log = logging.getLogger(__name__)

NOT_FETCHED = "not fetched"
UNFINISHED = "not finished"
POSTPONED = "postponed: the daily quota is spent"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one run: its rows, and where they are (relative to the output path)."""

    path: str
    table: pa.Table

    @property
    def outcomes(self) -> dict[str, int]:
        """How many units came to each outcome; all five are there."""
        outcomes: list[Any] = self.table["outcome"].to_pylist()
        return dict.fromkeys(OUTCOMES, 0) | Counter(outcomes)

    @property
    def missing(self) -> list[tuple[Unit, str]]:
        """The units that could not be had, and why; those left for another day are none of them."""
        wanting: list[Any] = self.table.filter(pc.field("outcome").isin([FAILED, FORBIDDEN])).to_pylist()
        return [(unit_of(row), row["error"]) for row in wanting if row["error"] != POSTPONED]

    @property
    def postponed(self) -> int:
        """How many units were left for another day."""
        errors: list[Any] = self.table["error"].to_pylist()
        return errors.count(POSTPONED)

    @property
    def unknown_courses(self) -> list[Course]:
        """Courses of which Zoho found not one of the learners: most likely their ids are wrong."""
        outcomes: dict[Course, set[str]] = {}
        rows: list[Any] = self.table.to_pylist()
        for row in rows:
            outcomes.setdefault(unit_of(row).course, set()).add(row["outcome"])
        return [course for course, found in outcomes.items() if found == {NOT_FOUND}]


def unit_of(row: dict[str, Any]) -> Unit:
    """The unit that a row of coverage is about."""
    return Unit(
        Course(row["course_id"], row["batch_id"]), row["learner_id"], EntityType.parse(row["entity_type"])
    )


def write_coverage(
    staging: Staging,
    units: Iterable[Unit],
    snapshot_date: date,
    dag_run_id: str,
    *,
    postponed: Container[Unit] = (),
) -> Coverage:
    """Write the run's coverage: what *staging* knows of each of *units*, in their order.

    Those *postponed* were left for another day by the run itself.

    Where staging knows nothing of a unit, what this run's coverage said before stays (its staging may be
    removed already, and one task cleared); else the unit ``failed``: it was never fetched.
    """
    path = layout.coverage_file(snapshot_date, staging.key)
    before = _rows_by_unit(staging.store, path)
    finished: dict[tuple[EntityType, Course], dict[str, StagedUnit]] = {}
    rows = []
    for unit in dict.fromkeys(units):
        place = unit.entity_type, unit.course
        if place not in finished:
            finished[place] = {staged.learner_id: staged for staged in staging.finished(*place)}
        staged = finished[place].get(unit.learner_id)
        known = before.get(unit)
        if known is not None and known["error"] == POSTPONED:
            known = None
        row = _row(unit, staged) if staged else _unfinished(staging, unit, known)
        if row["error"] == NOT_FETCHED and unit in postponed:
            row |= {"error": POSTPONED}
        rows.append(row | {"dag_run_id": dag_run_id})
    table = pa.Table.from_pylist(rows, schema=COVERAGE_SCHEMA)
    with staging.store.replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    return Coverage(path, table)


def read_coverage(store: Store, path: str) -> pa.Table:
    """The rows of one run's coverage.

    :raises FileNotFoundError: when there is none.
    """
    with store.open(path) as source, pq.ParquetFile(source) as file:
        return file.read()


def history(store: Store, *, days: int = 60) -> dict[Unit, tuple[datetime, int]]:
    """When each unit was last answered, and in how many pages, by the coverage of the last *days* snapshots."""
    found: dict[Unit, tuple[datetime, int]] = {}
    for folder in sorted(store.names(layout.COVERAGE), reverse=True)[:days]:
        for name in store.names(f"{layout.COVERAGE}/{folder}"):
            for row in _answered(store, f"{layout.COVERAGE}/{folder}/{name}"):
                unit, last = unit_of(row), (row["fetched_at"], row["pages"])
                found[unit] = max(found.get(unit, last), last)
    return found


def _answered(store: Store, path: str) -> list[dict[str, Any]]:
    """The rows of a coverage file that have an answer; none of a file that is no coverage."""
    try:
        table = read_coverage(store, path).select(COVERAGE_SCHEMA.names)
    except (pa.ArrowException, KeyError):
        log.warning("%s is no coverage; what it says is left out", path)
        return []
    rows: list[dict[str, Any]] = table.filter(
        pc.field("outcome").isin([FETCHED, EMPTY, NOT_FOUND])
    ).to_pylist()
    return rows


def found_empty(store: Store, snapshot_date: date) -> dict[Unit, datetime]:
    """When any run of the day last found that a unit has no rows: what the dataset's files can't show."""
    folder = layout.coverage_folder(snapshot_date)
    moments: dict[Unit, datetime] = {}
    for name in store.names(folder):
        for row in _answered(store, f"{folder}/{name}"):
            if row["outcome"] != EMPTY:
                continue
            unit = unit_of(row)
            moments[unit] = max(row["fetched_at"], moments.get(unit, row["fetched_at"]))
    return moments


def _rows_by_unit(store: Store, path: str) -> dict[Unit, dict[str, Any]]:
    try:
        rows: list[Any] = read_coverage(store, path).to_pylist()
    except FileNotFoundError:
        return {}
    return {unit_of(row): row for row in rows}


def _unfinished(staging: Staging, unit: Unit, before: dict[str, Any] | None) -> dict[str, Any]:
    failed = staging.unit(unit)
    if failed is not None:
        return _row(unit, failed)
    progress = staging.progress(unit)
    if before is not None and progress.pages == 0:
        return before
    error = UNFINISHED if progress.pages else NOT_FETCHED
    return _row(unit, None) | {"pages": progress.pages, "error": error}


def _row(unit: Unit, staged: StagedUnit | None) -> dict[str, Any]:
    return {
        "course_id": unit.course.course_id,
        "batch_id": unit.course.batch_id,
        "learner_id": unit.learner_id,
        "entity_type": unit.entity_type.label,
        "outcome": staged.outcome if staged else FAILED,
        "pages": staged.pages if staged else 0,
        "rows": staged.rows if staged else 0,
        "error": staged.error if staged else None,
        "fetched_at": staged.fetched_at if staged else None,
    }
