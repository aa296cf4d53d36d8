"""The datasets of courses and learners: what the lists of a run said, beside the progress.

Files are replaced as a whole and only when they would say something else. What was fetched last wins, in
whatever order runs publish; two publishings into one file must not run at once: the caller sees to that.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.publishing.course_file import ForeignFile
from zoho_people.staging.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.staging.list_pages import NotStaged, RosterStaging
from zoho_people.staging.list_rows import batch_rows, course_rows, learner_rows
from zoho_people.staging.staged_lists import listed_courses, staged_courses
from zoho_people.storage import layout
from zoho_people.storage.arrow_columns import column
from zoho_people.storage.schema_change import ForeignColumns, SchemaChange
from zoho_people.storage.store import Store
from zoho_people.zoho.lists import ZohoList

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A file of the two datasets after publishing; ``path`` is relative to the output path.

    ``rows`` are this run's. ``error`` is why the file could not be merged, None where it was.
    """

    path: str
    rows: int
    changed: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class RosterReport:
    """What a publishing of rosters did; without files where the run read no lists."""

    files: tuple[RosterFile, ...]

    @property
    def failed(self) -> tuple[RosterFile, ...]:
        """The files that could not be merged; the others are."""
        return tuple(file for file in self.files if file.error)

    def as_dict(self) -> dict[str, Any]:
        """Counts, and what failed, as plain JSON values."""
        learners = [file for file in self.files if file.path.startswith(f"{layout.LEARNERS}/")]
        return {
            "files": len(self.files),
            "files_changed": sum(file.changed for file in self.files),
            "courses": len(learners),
            "learners": sum(file.rows for file in learners),
            "failed": [f"{file.path}: {file.error}" for file in self.failed],
        }


def publish_rosters(
    staging: RosterStaging,
    snapshot_date: date,
    choice: AttributeChoice = EVERYTHING,
    *,
    courses_in: Store | None = None,
    keeps_learners: bool = True,
) -> RosterReport:
    """Merge the lists that *staging* has into ``courses`` and ``learners`` of *snapshot_date*.

    Learners go below the root of *staging* or, where they are not kept, nowhere; courses into *courses_in*, by
    default the same.

    The courses and batches listed take the place of what was known of each; the learners of a course whose
    roster is complete take the place of all that the course had. A file that can't be merged (other columns,
    damaged) is left as it is and told in the report. *choice* says what is kept of the fields that have no column.
    """
    files = list(_publish_courses(staging, snapshot_date, choice, courses_in or staging.store))
    if keeps_learners:
        files += _publish_learners(staging, snapshot_date, choice)
    return RosterReport(tuple(files))


def _publish_courses(
    staging: RosterStaging, snapshot_date: date, choice: AttributeChoice, store: Store
) -> Iterator[RosterFile]:
    """Rows of other courses stay."""
    with suppress(NotStaged):
        yield _merge(store, layout.courses_file(snapshot_date), _courses(staging, choice), keep=True)


def _publish_learners(
    staging: RosterStaging, snapshot_date: date, choice: AttributeChoice
) -> Iterator[RosterFile]:
    with suppress(NotStaged):
        for course in staged_courses(staging):
            roster = ZohoList.roster(course)
            if staging.progress(roster).has_records:  # else they are published already
                rows = learner_rows(staging.table(roster), course, choice)
                yield _merge(staging.store, layout.learners_file(course, snapshot_date), rows, keep=False)


def _courses(staging: RosterStaging, choice: AttributeChoice) -> pa.Table:
    """The listed courses and those of their batches that are staged."""
    tables = [course_rows(staging.table(ZohoList.courses()), choice)]
    for course in listed_courses(staging).values():
        with suppress(NotStaged):
            staged = staging.table(ZohoList.batches(course.course_id))
            tables.append(batch_rows(staged, course.course_id, course.type, choice))
    return pa.concat_tables(tables)


def _merge(store: Store, path: str, rows: pa.Table, *, keep: bool) -> RosterFile:
    try:
        before = _read(store, path, rows.schema)
        after = _merged(before, rows, keep=keep)
        changed = before is None or not after.equals(before)
        if changed:
            with store.replacing(path) as temporary:
                pq.write_table(after, temporary, compression="zstd")
    except (ForeignFile, pa.ArrowException, OSError) as error:
        log.error("%s could not be merged, so it stays as it is (%s)", path, error)  # noqa: TRY400
        return RosterFile(path, rows.num_rows, error=str(error))
    return RosterFile(path, rows.num_rows, changed=changed)


def _read(store: Store, path: str, schema: pa.Schema) -> pa.Table | None:
    try:
        source = store.open(path)
    except FileNotFoundError:
        return None
    with source, pq.ParquetFile(source) as file:
        try:
            change = SchemaChange.between(file.schema_arrow, schema)
        except ForeignColumns as error:
            raise ForeignFile(path, error) from None
        return change.complete(file.read())


def _merged(before: pa.Table | None, rows: pa.Table, *, keep: bool) -> pa.Table:
    if before is None or not before.num_rows:
        return _latest(rows)
    if keep:
        return _latest(pa.concat_tables([before, rows]))
    return before if rows.num_rows and max(_instants(before)) > max(_instants(rows)) else _latest(rows)


def _latest(rows: pa.Table) -> pa.Table:
    """Of each course, batch and learner the row fetched last; sorted by these."""
    names = [name for name in ("course_id", "batch_id", "learner_id") if name in rows.column_names]
    keys = zip(*(_texts(rows, name) for name in names), strict=True)
    last: dict[tuple[str, ...], int] = {}
    instants = _instants(rows)
    for position, key in enumerate(keys):
        if instants[position] >= instants[last.get(key, position)]:
            last[key] = position
    taken = column((last[key] for key in sorted(last)), pa.int64())
    return rows.take(taken).combine_chunks()


def _texts(rows: pa.Table, name: str) -> list[str]:
    values: list[Any] = rows[name].to_pylist()
    return [value or "" for value in values]


def _instants(rows: pa.Table) -> list[int]:
    """When each row was fetched, in microseconds. Not by way of ``as_py``: that imports pandas, too."""
    microseconds: list[Any] = rows["fetched_at"].cast(pa.int64()).to_pylist()
    return microseconds
