"""The contract: columns, order, types and nullability of what is published."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")

FINGERPRINT = "mark"
"""The column with the fingerprint of a learner's record in a course: it tells when the record changes."""

_OF_COURSE: list[pa.Field[Any]] = [
    pa.field("course_id", pa.string(), nullable=False),
    pa.field("batch_id", pa.string()),
]
_OF_LEARNER: list[pa.Field[Any]] = [*_OF_COURSE, pa.field("learner_id", pa.string(), nullable=False)]
FETCHED: list[pa.Field[Any]] = [
    pa.field("fetched_at", TIMESTAMP, nullable=False),
    pa.field("dag_run_id", pa.string(), nullable=False),
]
_OUTCOME: list[pa.Field[Any]] = [
    pa.field("entity_type", pa.string(), nullable=False),
    pa.field("outcome", pa.string(), nullable=False),
    pa.field("pages", pa.int32(), nullable=False),
    pa.field("rows", pa.int64(), nullable=False),
]


def _schema(*fields: pa.Field[Any]) -> pa.Schema:
    return pa.schema(list(fields))


PROGRESS_SCHEMA = _schema(
    *_OF_LEARNER,
    pa.field("entity_id", pa.string(), nullable=False),
    pa.field("entity_name", pa.string()),
    pa.field("status", pa.string()),
    pa.field("is_mandatory", pa.bool_()),
    pa.field("user_mark", pa.float64()),
    pa.field("max_mark", pa.float64()),
    pa.field("maximum_attempts_allowed", pa.int32()),
    pa.field("duration", pa.string()),
    pa.field("duration_seconds", pa.int64()),
    pa.field("attributes", pa.string()),
    *FETCHED,
)
"""One row per (course, batch, learner, entity); the same for all entity types."""

COVERAGE_SCHEMA = _schema(
    *_OF_LEARNER,
    *_OUTCOME,
    pa.field("error", pa.string()),
    pa.field("fetched_at", TIMESTAMP),
    pa.field("dag_run_id", pa.string(), nullable=False),
)
"""One row per (course, batch, learner, entity type) that a run set out to fetch."""

COURSES_SCHEMA = _schema(
    *_OF_COURSE,
    pa.field("name", pa.string()),
    pa.field("type", pa.string()),
    pa.field("publish_status", pa.string()),
    pa.field("attributes", pa.string()),
    *FETCHED,
)
"""One row per course, and one per batch of a course; ``batch_id`` is null for the course itself."""

LEARNERS_SCHEMA = _schema(
    *_OF_LEARNER,
    pa.field("learner_name", pa.string()),
    pa.field("email", pa.string()),
    pa.field("status", pa.string()),
    pa.field("completion_percentage", pa.float64()),
    pa.field("attributes", pa.string()),
    pa.field(FINGERPRINT, pa.string(), nullable=False),
    *FETCHED,
)
"""One row per (course, batch, learner): the progress in the course as a whole."""

CHANGES_SCHEMA = _schema(
    *_OF_LEARNER,
    pa.field("entity_type", pa.string(), nullable=False),
    pa.field("entity_id", pa.string(), nullable=False),
    pa.field("entity_name", pa.string()),
    pa.field("change", pa.string(), nullable=False),
    pa.field("status_before", pa.string()),
    pa.field("status_after", pa.string()),
    pa.field("mark_before", pa.float64()),
    pa.field("mark_after", pa.float64()),
    pa.field("previous_snapshot_date", pa.date32(), nullable=False),
    pa.field("dag_run_id", pa.string(), nullable=False),
)
"""One row per entity of a learner that is not what it was in an earlier snapshot."""

LEARNER_COURSES_SCHEMA = _schema(
    pa.field("learner_id", pa.string(), nullable=False),
    *_OF_COURSE,
    pa.field("course_name", pa.string()),
    pa.field("status", pa.string()),
    pa.field("completion_percentage", pa.float64()),
    pa.field("attributes", pa.string()),
    pa.field(FINGERPRINT, pa.string(), nullable=False),
    *FETCHED,
)
"""One row per (learner, course, batch): what Zoho lists of a learner's courses."""

PLAN_SCHEMA = _schema(
    *_OF_LEARNER,
    pa.field("entity_type", pa.string(), nullable=False),
    pa.field("reason", pa.string(), nullable=False),
    pa.field(FINGERPRINT, pa.string()),
    pa.field("pages", pa.int32(), nullable=False),
    pa.field("last_at", TIMESTAMP),
    pa.field("position", pa.int64()),
    pa.field("rows", pa.int64(), nullable=False),
    pa.field("snapshot_date", pa.date32()),
    pa.field("tried_at", TIMESTAMP),
    pa.field("missed_at", TIMESTAMP),
    pa.field("is_outdated", pa.bool_(), nullable=False),
)
"""One row per unit of a run; ``position`` counts those that are asked for, from 0."""

STATE_SCHEMA = _schema(
    pa.field("learner_id", pa.string(), nullable=False),
    *_OUTCOME,
    pa.field("fetched_at", TIMESTAMP),
    pa.field(FINGERPRINT, pa.string()),
    pa.field("snapshot_date", pa.date32()),
    pa.field("since", TIMESTAMP),
    pa.field("tried_at", TIMESTAMP),
    pa.field("missed_at", TIMESTAMP),
)
"""One row per unit of a course of which something is known; :class:`zoho_people.model.known.Known` says what."""
