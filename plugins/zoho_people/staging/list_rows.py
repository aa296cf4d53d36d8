"""Staged lists as rows of the contract: courses, batches, learners.

As with progress records, a field whose value went into a column without loss leaves ``attributes``; everything
else stays there as Zoho sent it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from zoho_people.model.listed_course import CourseType
from zoho_people.model.unit import Course
from zoho_people.staging.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.staging.record import Reading, as_decimal, as_json, as_text, take
from zoho_people.storage.arrow_columns import column
from zoho_people.storage.schema import COURSES_SCHEMA, LEARNERS_SCHEMA
from zoho_people.zoho.lists import Item

_ROWS_AT_A_TIME = 1_024

Columns = tuple[tuple[str, tuple[str, ...], Callable[[Any], Reading]], ...]


def _as_type(value: Any) -> Reading:
    known = CourseType.read(value)
    return (known and known.value), known is not None


_COURSE: Columns = (
    ("name", ("courseName", "name"), as_text),
    ("type", ("type", "courseType"), _as_type),
    ("publish_status", ("publishStatus",), as_text),
)
_BATCH: Columns = (
    ("name", ("name", "batchName"), as_text),
    ("publish_status", ("publishStatus",), as_text),
)
_LEARNER: Columns = (
    ("learner_name", ("learnerName", "name", "employeeName", "fullName"), as_text),
    ("email", ("emailId", "email", "emailID", "learnerEmail", "learnerEmailId"), as_text),
    ("status", ("status", "courseStatus", "learnerStatus"), as_text),
    (
        "completion_percentage",
        ("completionPercentage", "completionPercent", "progressPercentage", "percentage"),
        as_decimal,
    ),
)
_SAY_WHO = {"learner_name", "email"}
PERSON_KEYS = frozenset(key for name, keys, _ in _LEARNER if name in _SAY_WHO for key in keys)
"""The keys under which Zoho says who a learner is."""

_FIGURE_KEYS = frozenset(key for name, keys, _ in _LEARNER if name not in _SAY_WHO for key in keys)


def figures(item: Item) -> Item:
    """What a roster's *item* says of how far a learner is, without all that could say who it is."""
    return {key: value for key, value in item.items() if key in _FIGURE_KEYS}


def course_rows(staged: pa.Table, choice: AttributeChoice = EVERYTHING) -> pa.Table:
    """The staged course list as a table of :data:`.schema.COURSES_SCHEMA`, in its order."""
    return _rows(
        staged,
        COURSES_SCHEMA,
        lambda item_id: {"course_id": item_id, "batch_id": None},
        _COURSE,
        {"courseId"},
        choice=choice,
    )


def batch_rows(
    staged: pa.Table, course_id: str, course_type: CourseType | None, choice: AttributeChoice = EVERYTHING
) -> pa.Table:
    """A course's staged batches as a table of :data:`.schema.COURSES_SCHEMA`, in their order."""
    frame = {"course_id": course_id, "type": course_type and course_type.value}
    return _rows(
        staged,
        COURSES_SCHEMA,
        lambda item_id: frame | {"batch_id": item_id},
        _BATCH,
        {"courseId", "batchId"},
        choice=choice,
    )


def learner_rows(staged: pa.Table, course: Course, choice: AttributeChoice = EVERYTHING) -> pa.Table:
    """The staged roster of *course* as a table of :data:`.schema.LEARNERS_SCHEMA`, in its order."""
    frame = {"course_id": course.course_id, "batch_id": course.batch_id}
    return _rows(
        staged,
        LEARNERS_SCHEMA,
        lambda item_id: frame | {"learner_id": item_id},
        _LEARNER,
        {"learnerId"},
        choice=choice,
    )


def _rows(
    staged: pa.Table,
    schema: pa.Schema,
    frame: Callable[[str], Mapping[str, Any]],
    columns: Columns,
    in_frame: Iterable[str],
    *,
    choice: AttributeChoice,
) -> pa.Table:
    """*staged* with what *columns* find in each item; the keys *in_frame* say no more than *frame* does."""
    parts = [staged.slice(first, _ROWS_AT_A_TIME) for first in range(0, staged.num_rows, _ROWS_AT_A_TIME)]
    tables = [_part(part, schema, frame, columns, in_frame, choice=choice) for part in parts]
    return pa.concat_tables([schema.empty_table(), *tables])


def _part(
    staged: pa.Table,
    schema: pa.Schema,
    frame: Callable[[str], Mapping[str, Any]],
    columns: Columns,
    in_frame: Iterable[str],
    *,
    choice: AttributeChoice,
) -> pa.Table:
    ids: list[Any] = staged["id"].to_pylist()
    items: list[Any] = staged["item"].to_pylist()
    rows = []
    for item_id, text in zip(ids, items, strict=True):
        rest = {key: value for key, value in json.loads(text).items() if key not in in_frame}
        row = dict(frame(item_id))
        for name, keys, read in columns:
            row[name] = take(rest, keys, read)
        rows.append(row | {"attributes": as_json(choice.apply(rest))})
    taken = set(staged.column_names) & set(schema.names)
    arrays = [
        staged[field.name].combine_chunks()
        if field.name in taken
        else column((row[field.name] for row in rows), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
