"""The courses of a learner, each with the progress in it as a whole."""

from __future__ import annotations

from typing import Any

from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.endpoints.course_learners import FIGURES
from zoho_people.endpoints.endpoint import Endpoint, Resource, Table, Whose, without_ids
from zoho_people.endpoints.record import Field, as_text, read_fields
from zoho_people.model.unit import Course
from zoho_people.storage.layout import LEARNER_COURSES as DATASET
from zoho_people.storage.layout import learner_courses_file
from zoho_people.storage.schema import LEARNER_COURSES_SCHEMA
from zoho_people.zoho.page import Record

_NAME = Field("course_name", ("courseName", "name"), as_text)
_ID_KEYS = ("courseId", "batchId")


def _row(of: Resource, record_id: str, record: Record, choice: AttributeChoice) -> dict[str, Any]:
    course = Course.parse(record_id)
    rest = without_ids(record, (*_ID_KEYS, "learnerId"))
    return {
        "learner_id": of.learner_id,
        "course_id": course.course_id,
        "batch_id": course.batch_id,
        **read_fields(rest, (_NAME, *FIGURES), choice),
    }


LEARNER_COURSES = Endpoint(
    name=DATASET,
    whose=Whose.LEARNER,
    title="the courses of learner {of.learner_id}",
    path="/api/v1/learners/{of.learner_id}/course-progress",
    id_keys=_ID_KEYS,
    repeats={"learnerId": "learner_id"},
    staged="learner-courses-of-{of.learner_id}",
    table=Table(
        schema=LEARNER_COURSES_SCHEMA,
        row=_row,
        key=("learner_id", "course_id", "batch_id"),
        replaced_by=("learner_id",),
        file=lambda _, day: learner_courses_file(day),
    ),
)
