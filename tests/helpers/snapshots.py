"""Snapshots written down as they are: what each unit came to on each day, and the rows that it then has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.helpers.samples import COURSE, DAY
from zoho_people.model.unit import Course, Unit
from zoho_people.publishing.course_file import write_rows
from zoho_people.storage.layout import changes_file, coverage_file, progress_file
from zoho_people.storage.schema import CHANGES_SCHEMA, COVERAGE_SCHEMA, PROGRESS_SCHEMA
from zoho_people.storage.store import Store

Entities = Mapping[str, tuple[str | None, float | None]]
"""Status and mark by entity id."""


@dataclass(frozen=True)
class Said:
    """What a run says of a unit: the *outcome*, and the *entities* that the day's file then has of it."""

    outcome: str = "fetched"
    entities: Entities | None = None


def fetched(**entities: tuple[str | None, float | None]) -> Said:
    """The entities ``e1``, ``e2``, … of a unit."""
    return Said("fetched" if entities else "empty", entities)


def write_day(
    store: Store,
    units: Mapping[Unit, Said],
    day: date = DAY,
    *,
    run: str = "run",
    row_group_rows: int = 2,
) -> None:
    """Write the files of *units*, and their coverage by *run*."""
    files: dict[str, list[dict[str, Any]]] = {}
    for each, said in sorted(units.items(), key=lambda pair: pair[0].learner_id):
        rows = [_row(each, *entity) for entity in sorted((said.entities or {}).items())]
        if rows:
            files.setdefault(progress_file(each.entity_type, each.course, day), []).extend(rows)
    for path, rows in files.items():
        with store.replacing(path) as temporary:
            table = pa.Table.from_pylist(rows, schema=PROGRESS_SCHEMA)
            write_rows(temporary, [table], row_group_rows=row_group_rows)
    with store.replacing(coverage_file(day, run)) as temporary:
        covered = [_covered(each, said, run) for each, said in units.items()]
        pq.write_table(pa.Table.from_pylist(covered, schema=COVERAGE_SCHEMA), temporary)


def told(store: Store, day: date, course: Course = COURSE) -> list[dict[str, Any]]:
    """The changes of *day*, as they are in the file; none where there is no file."""
    path = changes_file(course, day)
    if not store.exists(path):
        return []
    with store.open(path) as source:
        table = pq.ParquetFile(source).read()
    assert table.schema == CHANGES_SCHEMA
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _row(of: Unit, entity_id: str, values: tuple[str | None, float | None]) -> dict[str, Any]:
    status, mark = values
    return {
        "course_id": of.course.course_id,
        "batch_id": of.course.batch_id,
        "learner_id": of.learner_id,
        "entity_id": entity_id,
        "entity_name": f"name of {entity_id}",
        "status": status,
        "user_mark": mark,
        "fetched_at": datetime(2026, 1, 1, tzinfo=UTC),
        "dag_run_id": "run",
    }


def _covered(of: Unit, said: Said, run: str) -> dict[str, Any]:
    return {
        "course_id": of.course.course_id,
        "batch_id": of.course.batch_id,
        "learner_id": of.learner_id,
        "entity_type": of.entity_type.label,
        "outcome": said.outcome,
        "pages": 1,
        "rows": len(said.entities or {}) if said.outcome in ("fetched", "carried_forward") else 0,
        "dag_run_id": run,
    }
