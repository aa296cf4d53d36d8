"""What is in the dataset before a trial begins: other learners of the same files, so that a reader has something
to read at every moment, and something to miss."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.chaos.trial import Work
from benchmarks.chaos.truth import Truth
from zoho_people.model.entity_type import EntityType
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.plan_file import PlanFile, PlanWriter
from zoho_people.publishing.publish import publish
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.origin import note_origin
from zoho_people.zoho.origin import EMULATOR
from zoho_people.zoho.page import Page

_RUN = "before"


def write(output: Path, truth: Truth, work: Work) -> None:
    """Publish what *truth* has for *work* into a new dataset at *output*, as a run an hour ago would have."""
    output.mkdir(parents=True, exist_ok=True)
    staging = Staging(str(output), _RUN)
    note_origin(staging.store, EMULATOR)
    at = datetime.now(UTC) - timedelta(hours=1)
    units: dict[tuple[Course, EntityType], list[PlannedUnit]] = defaultdict(list)
    for key in sorted(work.units()):
        course, learner, entity_type = key
        unit = Unit(Course.parse(course), learner, EntityType.parse(entity_type))
        staging.add_page(unit, Page(0, tuple(truth.records(key)), None), at, _RUN)
        units[unit.course, unit.entity_type].append(PlannedUnit(unit, Reason.NAMED))
    with PlanWriter.opened(staging.store, _RUN) as writer:
        for planned in units.values():
            writer.add(planned)
    now = datetime.now(UTC)
    publish(staging, PlanFile(staging.store, _RUN), now.date(), now)
    staging.remove()
