"""The learners of a course or batch, each with the progress in the course as a whole."""

from __future__ import annotations

from typing import Any

from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.endpoints.endpoint import Endpoint, Resource, Table, Whose, without_ids
from zoho_people.endpoints.record import Field, as_decimal, as_text, read_fields
from zoho_people.storage.layout import LEARNERS, learners_file
from zoho_people.storage.schema import LEARNERS_SCHEMA
from zoho_people.zoho.page import Record

_WHO = (
    Field("learner_name", ("learnerName", "name", "employeeName", "fullName"), as_text),
    Field("email", ("emailId", "email", "emailID", "learnerEmail", "learnerEmailId"), as_text),
)
FIGURES = (
    Field("status", ("status", "courseStatus", "learnerStatus"), as_text),
    Field(
        "completion_percentage",
        ("completionPercentage", "completionPercent", "progressPercentage", "percentage"),
        as_decimal,
    ),
)
"""How far a learner is in a course."""

PERSON_KEYS = frozenset(key for field in _WHO for key in field.keys)
"""The keys under which Zoho says who a learner is."""

_FIGURE_KEYS = frozenset(key for field in FIGURES for key in field.keys)


def figures(record: Record) -> Record:
    """What *record* says of how far a learner is, without all that could say who it is."""
    return {key: value for key, value in record.items() if key in _FIGURE_KEYS}


def _row(of: Resource, record_id: str, record: Record, choice: AttributeChoice) -> dict[str, Any]:
    rest = without_ids(record, ("learnerId",))
    return {
        "course_id": of.course_id,
        "batch_id": of.batch_id,
        "learner_id": record_id,
        **read_fields(rest, (*_WHO, *FIGURES), choice),
    }


COURSE_LEARNERS = Endpoint(
    name=LEARNERS,
    whose=Whose.COURSE,
    title="the learners of course {of.course}",
    path="/api/v1/{of.course_path}/course-progress",
    id_keys=("learnerId",),
    repeats={"courseId": "course_id", "batchId": "batch_id"},
    staged="{of.course_name}",
    table=Table(
        schema=LEARNERS_SCHEMA,
        row=_row,
        key=("course_id", "batch_id", "learner_id"),
        replaced_by=(),  # a file is one course's
        file=lambda of, day: learners_file(of.some_course, day),
    ),
)
