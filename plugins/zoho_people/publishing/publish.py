"""What a run staged and what it carries forward, merged into the dataset.

One file at a time, each replaced as a whole: the rows of the learners that the run has an answer for give way to
the staged ones, those of learners who have not changed, or had no answer, are copied from the snapshot that has
them, all other rows stay. A file that would say the same afterwards is not touched; one that loses its last row
stays as a file without rows, so that a reader who has listed it still finds it. After a course's files what is
known of its units is written (:mod:`.known_units`): a crash in between costs requests, never rows.

Two publishings into one file must not run at once: the caller sees to that (a pool of one slot).
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.planning.known_units import KnownUnits, read_state, write_state
from zoho_people.planning.plan_file import PlanFile, PlannedUnits
from zoho_people.publishing.course_file import ROW_GROUP_ROWS, UnusableFile
from zoho_people.publishing.course_file_merge import CourseFileMerge, PublishedFile
from zoho_people.publishing.found_empty import FoundEmpty
from zoho_people.staging.new_fields import MOST_OF_A_RUN
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.by_learner import ByLearner

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What a publishing did; files that don't exist for want of rows are not in it.

    ``failures`` are the files that could not be merged, by path, each with why and what to do: they are as they
    were. The others are published nevertheless. ``fields`` are the names of fields that have no column, by entity
    type.
    """

    files: tuple[PublishedFile, ...]
    failures: Mapping[str, str]
    fields: Mapping[EntityType, frozenset[str]]

    @property
    def changed(self) -> tuple[PublishedFile, ...]:
        """The files that were replaced."""
        return tuple(file for file in self.files if file.changed)

    def as_dict(self) -> dict[str, Any]:
        """Counts, and what failed, by the names of :class:`~zoho_people.model.run_xcoms.Published`."""
        rows_by_type = Counter[str]()
        for file in self.files:
            rows_by_type[file.entity_type.label] += file.rows
        return {
            "files": len(self.files),
            "files_changed": len(self.changed),
            "rows": sum(file.rows for file in self.files),
            "rows_carried": sum(file.rows_carried for file in self.files),
            "rows_by_entity_type": dict(rows_by_type),
            "failures": dict(self.failures),
        }


def publish(
    staging: Staging,
    plan: PlanFile,
    snapshot_date: date,
    now: datetime,
    *,
    row_group_rows: int = ROW_GROUP_ROWS,
) -> PublishReport:
    """Merge what *staging* has of *plan*'s units, and what they carry forward, into the files of *snapshot_date*.

    What was fetched last wins, learner by learner, in whatever order runs publish, given that each writes
    its coverage before the next one publishes. Publishing the same again changes nothing. *now* is noted with
    units that are left out because their type is absent.

    A file that can't be merged is among the report's failures; its units are asked for again as if there had been
    no run. Rows that are not where they should be carried forward from are missing, as the coverage will say; the
    next run asks for those units. Units are gone through learner by learner: memory doesn't depend on their
    number.

    :raises FileNotFoundError: when there is no plan.
    """
    publishing = _Publishing(staging, snapshot_date, now, row_group_rows)
    empty = FoundEmpty(staging.store, snapshot_date)
    for course, files in plan.courses():
        publishing.publish(course, files, empty.of(course))
    fields = {entity_type: frozenset(names) for entity_type, names in publishing.fields.items()}
    return PublishReport(tuple(publishing.files), publishing.failures, fields)


class _Publishing:
    """A publishing on its way."""

    def __init__(self, staging: Staging, snapshot_date: date, now: datetime, row_group_rows: int) -> None:
        self._staging = staging
        self._snapshot_date = snapshot_date
        self._now = now
        self._row_group_rows = row_group_rows
        self.files: list[PublishedFile] = []
        self.failures: dict[str, str] = {}
        self.fields: dict[EntityType, set[str]] = defaultdict(set)

    def publish(
        self,
        course: Course,
        files: Iterable[tuple[EntityType, PlannedUnits]],
        empty: Mapping[EntityType, ByLearner[datetime]],
    ) -> None:
        """Publish one course, file by file, then note what is known of it."""
        store = self._staging.store
        state: dict[EntityType, KnownUnits] = read_state(store, course)
        learned: dict[EntityType, KnownUnits] = {}
        for entity_type, units in files:
            merge = CourseFileMerge(
                store,
                entity_type,
                course,
                self._snapshot_date,
                self._staging.units(entity_type, course),
                known=state.get(entity_type, {}),
                empty_since=empty.get(entity_type, {}),
                now=self._now,
            )
            known = self._merge(merge, units)
            if known is not None:
                learned[entity_type] = known
        if learned:
            write_state(store, course, state | learned)

    def _merge(self, merge: CourseFileMerge, units: PlannedUnits) -> KnownUnits | None:
        """Merge *units* into their file; what is known of them then, None where nothing was learned."""
        try:
            merged = merge.run(units, self._row_group_rows)
        except UnusableFile as error:
            log.error("%s", error)  # noqa: TRY400
            self.failures[error.path] = str(error)
            return None
        fields = self.fields[merge.entity_type]
        if len(fields) < MOST_OF_A_RUN:
            fields |= merged.fields
        if merged.lost:
            log.warning(
                "The rows of %d learners could not be carried forward into %s: they are not where they were",
                merged.lost,
                merge.path,
            )
        if merged.file is not None:
            self.files.append(merged.file)
        return merged.known
