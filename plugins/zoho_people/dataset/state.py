"""What is known of the units of a course from all runs: ``_state/course-<id>[-batch-<id>].parquet``.

It only ever saves requests: where the file is missing, everything is asked for again. Publishing writes it, after
the dataset's files.
"""

from __future__ import annotations

import logging
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course
from zoho_people.dataset.columns import moments
from zoho_people.dataset.layout import state_file
from zoho_people.dataset.schema import STATE_SCHEMA
from zoho_people.dataset.store import Store
from zoho_people.refresh import CourseState, Known

log = logging.getLogger(__name__)

_ADDED = ("tried_at", "missed_at")
"""Columns that a file written by an earlier version does not have."""

State = dict[EntityType, dict[str, Known]]


def read_state(store: Store, course: Course) -> State:
    """What is known of *course*; nothing where there is no file, or (with a warning) none that can be read."""
    path = state_file(course)
    try:
        with store.open(path) as source, pq.ParquetFile(source) as file:
            names = set(file.schema_arrow.names)
            expected = [field for field in STATE_SCHEMA if field.name in names or field.name not in _ADDED]
            if not file.schema_arrow.equals(pa.schema(expected)):
                raise pa.ArrowInvalid("its columns are other ones")
            return _by_type(file.read())
    except FileNotFoundError:
        return {}
    except (pa.ArrowException, OSError, ValueError) as error:
        log.warning("%s can't be read (%s); all of course %s is asked for again", path, error, course)
        return {}


def write_state(store: Store, course: Course, state: CourseState) -> None:
    """Replace what is known of *course*."""
    rows = [
        (learner_id, entity_type.label, known)
        for entity_type, states in state.items()
        for learner_id, known in states.items()
    ]
    rows.sort(key=itemgetter(1, 0))
    facts = [known for _, _, known in rows]
    columns: dict[str, list[Any]] = {
        "learner_id": [learner_id for learner_id, _, _ in rows],
        "entity_type": [label for _, label, _ in rows],
        **{name: [getattr(known, name) for known in facts] for name in STATE_SCHEMA.names[2:]},
    }
    table = pa.Table.from_pydict(columns, schema=STATE_SCHEMA)
    with store.replacing(state_file(course)) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def _by_type(table: pa.Table) -> State:
    names = table.schema.names
    columns = (
        _values(table, name) if name in names else [None] * table.num_rows for name in STATE_SCHEMA.names
    )
    rows = zip(*columns, strict=True)
    return {
        EntityType.parse(label): {learner_id: Known(*facts) for learner_id, _, *facts in group}
        for label, group in groupby(rows, key=itemgetter(1))
    }


def _values(table: pa.Table, name: str) -> list[Any]:
    column = table[name]
    return moments(column) if pa.types.is_timestamp(column.type) else column.to_pylist()
