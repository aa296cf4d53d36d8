"""The contract: columns, order, types and nullability of what is published."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

TIMESTAMP = pa.timestamp("us", tz="UTC")

_PROGRESS: list[pa.Field[Any]] = [
    pa.field("course_id", pa.string(), nullable=False),
    pa.field("batch_id", pa.string()),
    pa.field("learner_id", pa.string(), nullable=False),
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
    pa.field("fetched_at", TIMESTAMP, nullable=False),
    pa.field("dag_run_id", pa.string(), nullable=False),
]
PROGRESS_SCHEMA = pa.schema(_PROGRESS)
"""One row per (course, batch, learner, entity); the same for all ten entity types."""

_COVERAGE: list[pa.Field[Any]] = [
    pa.field("course_id", pa.string(), nullable=False),
    pa.field("batch_id", pa.string()),
    pa.field("learner_id", pa.string(), nullable=False),
    pa.field("entity_type", pa.string(), nullable=False),
    pa.field("outcome", pa.string(), nullable=False),
    pa.field("pages", pa.int32(), nullable=False),
    pa.field("rows", pa.int64(), nullable=False),
    pa.field("error", pa.string()),
    pa.field("fetched_at", TIMESTAMP),
    pa.field("dag_run_id", pa.string(), nullable=False),
]
COVERAGE_SCHEMA = pa.schema(_COVERAGE)
"""One row per (course, batch, learner, entity type) that a run set out to fetch."""

_PLAN: list[pa.Field[Any]] = [
    pa.field("course_id", pa.string(), nullable=False),
    pa.field("batch_id", pa.string()),
    pa.field("learner_id", pa.string(), nullable=False),
    pa.field("entity_type", pa.string(), nullable=False),
    pa.field("reason", pa.string(), nullable=False),
    pa.field("mark", pa.string()),
    pa.field("pages", pa.int32(), nullable=False),
    pa.field("last_at", TIMESTAMP),
    pa.field("position", pa.int64()),
    pa.field("rows", pa.int64(), nullable=False),
    pa.field("snapshot_date", pa.date32()),
]
PLAN_SCHEMA = pa.schema(_PLAN)
"""One row per unit of a run; ``position`` counts those that are asked for, from 0."""

_STATE: list[pa.Field[Any]] = [
    pa.field("learner_id", pa.string(), nullable=False),
    pa.field("entity_type", pa.string(), nullable=False),
    pa.field("outcome", pa.string(), nullable=False),
    pa.field("pages", pa.int32(), nullable=False),
    pa.field("rows", pa.int64(), nullable=False),
    pa.field("fetched_at", TIMESTAMP),
    pa.field("mark", pa.string()),
    pa.field("snapshot_date", pa.date32()),
    pa.field("since", TIMESTAMP),
]
STATE_SCHEMA = pa.schema(_STATE)
"""One row per unit of a course of which something is known; :class:`zoho_people.refresh.Known` says what."""
