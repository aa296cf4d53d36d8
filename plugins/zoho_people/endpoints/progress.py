"""A learner's progress in one entity type of a course: what the project is for."""

from __future__ import annotations

from typing import Any

from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.endpoints.endpoint import Endpoint, Resource, Table, Whose
from zoho_people.endpoints.record import read_record
from zoho_people.model.unit import Unit
from zoho_people.storage.layout import PROGRESS as DATASET
from zoho_people.storage.layout import progress_file, staged_course_folder
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.zoho.bounds import UNIT_PAGES
from zoho_people.zoho.errors import LearnerNotFound
from zoho_people.zoho.page import Record


def of_unit(unit: Unit) -> Resource:
    """The progress of *unit*."""
    return PROGRESS.of(unit.course, unit.learner_id, unit.entity_type)


def unit_of(resource: Resource) -> Unit:
    """The unit whose progress *resource* is.

    :raises ValueError: when it is about none.
    """
    if resource.entity_type is None:
        raise ValueError(f"{resource.endpoint.name} is asked for an entity type, and none is named")
    return Unit(resource.some_course, resource.learner_id or "", resource.entity_type)


def _row(of: Resource, _: str, record: Record, choice: AttributeChoice) -> dict[str, Any]:
    unit = unit_of(of)
    return {
        "course_id": unit.course.course_id,
        "batch_id": unit.course.batch_id,
        "learner_id": unit.learner_id,
        **read_record(record, unit.entity_type, choice),
    }


PROGRESS = Endpoint(
    name=DATASET,
    whose=Whose.UNIT,
    title="course {of.course}, learner {of.learner_id}, {of.entity_type.label}",
    path="/api/v1/{of.course_path}/learners/{of.learner_id}/progress",
    params={"entityType": "entity_type.value"},
    records_key="learnerProgress",
    repeats={"learnerId": "learner_id"},
    answer_repeats={"entityType": "entity_type.value"},
    skipped=(LearnerNotFound,),
    pages_option=UNIT_PAGES,
    staged="{of.learner_id}",
    staged_below=lambda of, run_key: staged_course_folder(run_key, unit_of(of).entity_type, of.some_course),
    keeps_rows=True,
    table=Table(
        schema=PROGRESS_SCHEMA,
        row=_row,
        key=("learner_id", "entity_id"),
        replaced_by=("learner_id",),
        file=lambda of, day: progress_file(unit_of(of).entity_type, of.some_course, day),
    ),
)
