"""The organisation's courses, and the batches of one: both are published in the dataset ``courses``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.endpoints.endpoint import Endpoint, Resource, Table, Whose, without_ids
from zoho_people.endpoints.record import Field, Reading, as_text, read_fields
from zoho_people.model.listed_course import CourseType
from zoho_people.storage.layout import COURSES as DATASET
from zoho_people.storage.layout import courses_file
from zoho_people.storage.schema import COURSES_SCHEMA
from zoho_people.zoho.page import Record


def _as_type(value: Any) -> Reading:
    known = CourseType.read(value)
    return Reading(known and known.value, known is not None)


_COURSE = (
    Field("name", ("courseName", "name"), as_text),
    Field("type", ("type", "courseType"), _as_type),
    Field("publish_status", ("publishStatus",), as_text),
)
_BATCH = (
    Field("name", ("name", "batchName"), as_text),
    Field("publish_status", ("publishStatus",), as_text),
)
_KEY = ("course_id", "batch_id")


def _course_row(_: Resource, record_id: str, record: Record, choice: AttributeChoice) -> dict[str, Any]:
    return {"course_id": record_id, **read_fields(without_ids(record, ("courseId",)), _COURSE, choice)}


def _batch_row(of: Resource, record_id: str, record: Record, choice: AttributeChoice) -> dict[str, Any]:
    rest = without_ids(record, ("courseId", "batchId"))
    return {"course_id": of.course_id, "batch_id": record_id, **read_fields(rest, _BATCH, choice)}


_COURSES = Table(
    COURSES_SCHEMA, _course_row, key=_KEY, replaced_by=_KEY, file=lambda _, day: courses_file(day)
)

COURSES = Endpoint(
    name=DATASET,
    whose=Whose.ORGANISATION,
    title="the list of courses",
    path="/api/v1/courses",
    params={"state": "state"},
    id_keys=("courseId",),
    skipped=(),  # without it there is nothing to go on with
    staged="courses",
    table=_COURSES,
)

BATCHES = Endpoint(
    name="batches",
    whose=Whose.COURSE,
    title="the batches of course {of.course}",
    path="/api/v1/{of.course_path}/batches",
    id_keys=("batchId",),
    repeats={"courseId": "course_id"},
    staged="batches-of-{of.course_name}",
    table=replace(_COURSES, row=_batch_row),
)
