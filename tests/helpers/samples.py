"""What the tests of the dataset share: one day, one course, and short ways to say the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.known_units import KnownUnits, KnownWriter, read_state, write_state
from zoho_people.planning.plan_file import PlanFile, PlanWriter
from zoho_people.publishing.coverage import Coverage, write_coverage
from zoho_people.publishing.publish import PublishReport, publish
from zoho_people.staging.page_files import StagedProgress
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import progress_file
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

DAY = date(2026, 1, 2)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
COURSE = Course("100002000000039001")
TESTS = EntityType.ONLINE_TESTS
RUN_ID = "manual__2026-01-02"


def at(minute: int) -> datetime:
    """Some minutes past noon."""
    return NOON + timedelta(minutes=minute)


def unit(learner: int | str = 7, course: Course = COURSE, entity_type: EntityType = TESTS) -> Unit:
    return Unit(course, str(learner), entity_type)


def records(*ids: int, **fields: Any) -> tuple[dict[str, Any], ...]:
    """A record per id, all with the same *fields*."""
    return tuple({"testId": test_id, **fields} for test_id in ids)


def last_page(*records: Any, start: int = 0) -> Page:
    return Page(start, tuple(records), None)


def stage(
    staging: Staging, unit: Unit, *staged: Any, minute: int = 0, run_id: str = RUN_ID
) -> StagedProgress:
    """Stage all of a unit's records as one page."""
    return staging.add_page(unit, last_page(*staged), at(minute), run_id)


def plan_of(staging: Staging, *units: Unit | PlannedUnit) -> PlanFile:
    """The run's plan of *units*; those that say nothing else are asked for by name."""
    planned = [each if isinstance(each, PlannedUnit) else PlannedUnit(each, Reason.NAMED) for each in units]
    return write_plan(staging.store, staging.key, planned)


def write_plan(store: Store, run_key: str, planned: Iterable[PlannedUnit]) -> PlanFile:
    """A plan of *planned*, course by course and of each course entity type by entity type."""
    courses: dict[Course, dict[EntityType, list[PlannedUnit]]] = {}
    for each in planned:
        courses.setdefault(each.unit.course, {}).setdefault(each.unit.entity_type, []).append(each)
    with PlanWriter.opened(store, run_key) as writer:
        for files in courses.values():
            for units in files.values():
                writer.add(sorted(units, key=lambda each: each.unit.learner_id))
    return PlanFile(store, run_key)


def known_units(entity_type: EntityType, known: Mapping[str, Known]) -> KnownUnits:
    """What is *known* of the units of a type, by learner."""
    writer = KnownWriter(entity_type)
    for learner_id in sorted(known):
        writer.add(learner_id, known[learner_id])
    return writer.finish()


def write_known(store: Store, course: Course, known: Mapping[EntityType, Mapping[str, Known]]) -> None:
    """Have *known* be what is known of *course*, by entity type and learner."""
    write_state(store, course, {each: known_units(each, known[each]) for each in known})


def planned_of(plan: PlanFile) -> list[tuple[Course, list[PlannedUnit]]]:
    """Each course of *plan*, and all its units."""
    return [(course, [each for _, units in files for each in units]) for course, files in plan.courses()]


def publish_units(
    staging: Staging,
    *units: Unit | PlannedUnit,
    day: date = DAY,
    now: datetime = NOON,
    row_group_rows: int = 4,
) -> PublishReport:
    return publish(staging, plan_of(staging, *units), day, now, row_group_rows=row_group_rows)


def cover(staging: Staging, *units: Unit | PlannedUnit, day: date = DAY, run_id: str = RUN_ID) -> Coverage:
    """Write the coverage of *units*."""
    return write_coverage(staging, plan_of(staging, *units), day, run_id)


def published(
    root: Any, course: Course = COURSE, entity_type: EntityType = TESTS, *, day: date = DAY
) -> pa.Table:
    """The rows of a published file."""
    with Store(root).open(progress_file(entity_type, course, day)) as source:
        return pq.ParquetFile(source).read()


def ids_by_learner(table: pa.Table) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for learner, entity in zip(table["learner_id"].to_pylist(), table["entity_id"].to_pylist(), strict=True):
        found.setdefault(learner, []).append(entity)
    return found


def known_of(store: Store, course: Course = COURSE) -> dict[EntityType, dict[str, Known]]:
    """What is known of *course*, by entity type and learner."""
    return {kind: dict(known.items()) for kind, known in read_state(store, course).items()}


def finished(staging: Staging) -> list[StagedUnit]:
    """The units of :data:`COURSE`'s tests that are done, learner by learner."""
    units = staging.units(TESTS, COURSE)
    found = [units.finished(learner_id) for learner_id in sorted(units.done)]
    return [staged for staged in found if staged is not None]
