"""What a run staged, merged into the dataset.

One file at a time, each replaced as a whole: the rows of the learners that the run has an answer for give
way to the staged ones, all other rows stay. A file that would say the same afterwards is not touched; one
that loses its last row stays as a file without rows, so that a reader who has listed it still finds it.

Two publishings into one file must not run at once: the caller sees to that (a pool of one slot).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.course_file import ROW_GROUP_ROWS, CourseFile, write_rows
from zoho_people.dataset.coverage import found_empty
from zoho_people.dataset.layout import progress_file
from zoho_people.dataset.merge import find_cuts, is_news, merged
from zoho_people.dataset.staged_unit import StagedUnit
from zoho_people.dataset.staging import Staging


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of the dataset after publishing.

    ``path`` is relative to the output path. ``learners`` and ``rows`` are this run's, ``total_rows`` all
    that the file has; ``changed`` says whether it was replaced.
    """

    path: str
    entity_type: EntityType
    course: Course
    learners: int
    rows: int
    total_rows: int
    changed: bool


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What a publishing did; files that don't exist for want of rows are not in it."""

    files: tuple[PublishedFile, ...]

    @property
    def changed(self) -> tuple[PublishedFile, ...]:
        """The files that were replaced."""
        return tuple(file for file in self.files if file.changed)

    @property
    def rows_by_entity_type(self) -> dict[str, int]:
        """This run's rows by entity type label."""
        totals: dict[str, int] = defaultdict(int)
        for file in self.files:
            totals[file.entity_type.label] += file.rows
        return dict(totals)

    def as_dict(self) -> dict[str, Any]:
        """Counts and paths as plain JSON values, for a log or an XCom."""
        return {
            "files": len(self.files),
            "files_changed": len(self.changed),
            "rows": sum(file.rows for file in self.files),
            "rows_by_entity_type": self.rows_by_entity_type,
            "paths": [file.path for file in self.files],
        }


def publish(
    staging: Staging,
    units: Iterable[Unit],
    snapshot_date: date,
    *,
    row_group_rows: int = ROW_GROUP_ROWS,
) -> PublishReport:
    """Merge those of *units* that *staging* has an answer for into the files of *snapshot_date*.

    What was fetched last wins, learner by learner, in whatever order runs publish, given that each writes
    its coverage before the next one publishes.

    :raises ForeignFile: when a file in the place of the dataset's has other columns; others may be done.
    """
    learners_of: dict[tuple[EntityType, Course], set[str]] = defaultdict(set)
    for unit in units:
        learners_of[unit.entity_type, unit.course].add(unit.learner_id)
    empty_since = found_empty(staging.store, snapshot_date)
    files = []
    for (entity_type, course), learners in learners_of.items():
        staged = [
            unit
            for unit in staging.finished(entity_type, course)
            if unit.learner_id in learners and unit.is_answered
        ]
        target = _Target(
            staging, entity_type, course, progress_file(entity_type, course, snapshot_date), empty_since
        )
        file = target.merge(staged, row_group_rows) if staged else None
        if file is not None:
            files.append(file)
    return PublishReport(tuple(files))


@dataclass(frozen=True, slots=True)
class _Target:
    """One file to merge staged units into."""

    staging: Staging
    entity_type: EntityType
    course: Course
    path: str
    empty_since: Mapping[Unit, datetime]

    def merge(self, staged: Sequence[StagedUnit], row_group_rows: int) -> PublishedFile | None:
        """Replace the file if the units bring news; None when there is no file and no row for one."""
        with CourseFile.opened(self.staging.store, self.path) as file:
            latest = [unit for unit in staged if not self._is_outdated(unit)]
            cuts = [cut for cut in find_cuts(latest, file) if is_news(cut, file, self._read)]
            if not cuts and not file.exists:
                return None
            total = file.num_rows
            if cuts:
                with self.staging.store.replacing(self.path) as temporary:
                    total = write_rows(
                        temporary, merged(cuts, file, self._read), row_group_rows=row_group_rows
                    )
        rows = sum(unit.rows for unit in staged)
        return PublishedFile(
            self.path, self.entity_type, self.course, len(staged), rows, total, changed=bool(cuts)
        )

    def _read(self, staged: StagedUnit) -> pa.Table:
        return self.staging.table(self._unit(staged))

    def _unit(self, staged: StagedUnit) -> Unit:
        return Unit(self.course, staged.learner_id, self.entity_type)

    def _is_outdated(self, staged: StagedUnit) -> bool:
        """Whether another run found later that the learner has no rows: nothing in the file shows that."""
        return self.empty_since.get(self._unit(staged), staged.fetched_at) > staged.fetched_at
