"""What is known of the units of a course from all runs: ``_state/course-<id>[-batch-<id>].parquet``.

It only ever saves requests: where the file is missing, everything is asked for again. Publishing writes it, after
the dataset's files.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course
from zoho_people.dataset.by_type import ByType
from zoho_people.dataset.columns import moments
from zoho_people.dataset.layout import state_file
from zoho_people.dataset.schema import STATE_SCHEMA
from zoho_people.dataset.store import Store
from zoho_people.refresh import CourseState, Known

log = logging.getLogger(__name__)

_ADDED = ("tried_at", "missed_at")
"""Columns that a file written by an earlier version does not have."""

State = ByType[Known]


def read_state(store: Store, course: Course) -> State:
    """What is known of *course*; nothing where there is no file, or (with a warning) none that can be read."""
    path = state_file(course)
    try:
        with store.open(path) as source, pq.ParquetFile(source) as file:
            names = set(file.schema_arrow.names)
            expected = [field for field in STATE_SCHEMA if field.name in names or field.name not in _ADDED]
            if not file.schema_arrow.equals(pa.schema(expected)):
                raise pa.ArrowInvalid("its columns are other ones")
            table = _complete(file.read())
            table.validate(full=True)
            return ByType.of(table, _known)
    except FileNotFoundError:
        return ByType({}, _known)
    except (pa.ArrowException, OSError, ValueError) as error:
        log.warning("%s can't be read (%s); all of course %s is asked for again", path, error, course)
        return ByType({}, _known)


def write_state(store: Store, course: Course, state: CourseState) -> None:
    """Replace what is known of *course*."""
    tables = _parts(state)
    parts = [tables[entity_type] for entity_type in sorted(tables, key=lambda each: each.label)]
    table = pa.concat_tables([STATE_SCHEMA.empty_table(), *parts])
    with store.replacing(state_file(course)) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def with_known(state: State, entity_type: EntityType, states: Mapping[str, Known]) -> State:
    """*state* with *states* for *entity_type*."""
    return state.replacing(entity_type, _table(entity_type, states))


def _parts(state: CourseState) -> Mapping[EntityType, pa.Table]:
    if isinstance(state, ByType):
        return state.parts
    return {entity_type: _table(entity_type, states) for entity_type, states in state.items()}


def _complete(table: pa.Table) -> pa.Table:
    """*table* with the columns that an earlier version did not write."""
    arrays = [
        table[field.name] if field.name in table.schema.names else pa.nulls(table.num_rows, field.type)
        for field in STATE_SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=STATE_SCHEMA)


def _table(entity_type: EntityType, states: Mapping[str, Known]) -> pa.Table:
    """*states* as rows of the contract, sorted by learner."""
    learners = sorted(states)
    facts = [states[learner_id] for learner_id in learners]
    columns: dict[str, list[Any]] = {
        "learner_id": learners,
        "entity_type": [entity_type.label] * len(learners),
        **{name: [getattr(known, name) for known in facts] for name in STATE_SCHEMA.names[2:]},
    }
    return pa.Table.from_pydict(columns, schema=STATE_SCHEMA)


def _known(part: pa.Table) -> dict[str, Known]:
    columns = (_values(part, name) for name in STATE_SCHEMA.names)
    return {learner_id: Known(*facts) for learner_id, _, *facts in zip(*columns, strict=True)}


def _values(table: pa.Table, name: str) -> list[Any]:
    column = table[name]
    return moments(column) if pa.types.is_timestamp(column.type) else column.to_pylist()
