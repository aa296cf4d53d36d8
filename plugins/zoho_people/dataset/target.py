"""One file of the dataset, and what a run's units make of it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from operator import attrgetter

import pyarrow as pa

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.course_file import CourseFile, UnusableFile, write_rows
from zoho_people.dataset.earlier import EarlierFiles, as_staged, has_rows
from zoho_people.dataset.layout import progress_file
from zoho_people.dataset.merge import Cut, ReadStaged, find_cuts, is_news, merged
from zoho_people.dataset.schema import PROGRESS_SCHEMA
from zoho_people.dataset.staged_unit import CARRIED_FORWARD, StagedUnit
from zoho_people.dataset.staging import Staging
from zoho_people.refresh import PlannedUnit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of the dataset after publishing.

    ``path`` is relative to the output path. ``learners`` and ``rows`` are those that this run fetched,
    ``rows_carried`` those it carried forward, ``total_rows`` all that the file has; ``changed`` says whether it
    was replaced.
    """

    path: str
    entity_type: EntityType
    course: Course
    learners: int
    rows: int
    rows_carried: int
    total_rows: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Merging:
    """What came of the units of one file.

    ``file`` is None where there is none for want of rows; ``finished`` is what was staged, by learner; ``lost``
    are the learners whose rows could not be carried forward; ``failed_at`` says of those who are not finished when
    the last try failed.
    """

    file: PublishedFile | None
    finished: Mapping[str, StagedUnit]
    lost: frozenset[str]
    failed_at: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Target:
    """The file of a course (or batch) and entity type under *snapshot_date*.

    *empty_since* says when a run found, on that day, that a learner has no rows: nothing in the file shows it.
    *refused* are learners whose rows Zoho refused at the last try: theirs stand for no answer that is wanting.
    """

    staging: Staging
    entity_type: EntityType
    course: Course
    snapshot_date: date
    empty_since: Mapping[str, datetime]
    refused: Collection[str] = frozenset()

    @property
    def path(self) -> str:
        """Where it is, relative to the output path."""
        return progress_file(self.entity_type, self.course, self.snapshot_date)

    def merge(self, planned: Sequence[PlannedUnit], row_group_rows: int) -> Merging:
        """Replace the file if the units bring news: what is staged of them, and what they carry forward.

        :raises UnusableFile: when the file can't be merged into.
        """
        learners = {each.unit.learner_id for each in planned}
        staged = self.staging.finished(self.entity_type, self.course)
        finished = {unit.learner_id: unit for unit in staged if unit.learner_id in learners}
        carried = [
            each for each in planned if self._is_carried(each) and each.unit.learner_id not in finished
        ]
        unusable: set[str] = set()
        while True:
            try:
                return self._merge(finished, carried, unusable, row_group_rows)
            except UnusableFile as error:
                if error.path == self.path or error.path in unusable:
                    raise
                log.warning("Rows can't be carried forward: %s", error)
                unusable.add(error.path)

    def _merge(
        self,
        finished: Mapping[str, StagedUnit],
        carried: Sequence[PlannedUnit],
        unusable: Collection[str],
        row_group_rows: int,
    ) -> Merging:
        answered = [unit for unit in finished.values() if unit.is_answered]
        store = self.staging.store
        with (
            CourseFile.opened(store, self.path) as file,
            EarlierFiles(store, self.entity_type, self.course, unusable) as earlier,
        ):
            copies = earlier.find(each for each in carried if each.rows and not self._is_here(each))
            lost = self._lost(carried, copies, file)
            read = partial(self._read, earlier)
            units = [*answered, *copies, *(as_staged(each) for each in carried if not each.rows)]
            cuts = [cut for cut in find_cuts(self._latest(units), file) if is_news(cut, file, read)]
            total = self._write(cuts, file, read, row_group_rows) if cuts else file.num_rows
            is_published = file.exists or bool(cuts)
        kept = [each for each in carried if each.unit.learner_id not in lost]
        published = None
        if is_published and (answered or carried):
            published = PublishedFile(
                self.path,
                self.entity_type,
                self.course,
                learners=len(answered),
                rows=sum(unit.rows for unit in answered),
                rows_carried=sum(each.rows for each in kept),
                total_rows=total,
                changed=bool(cuts),
            )
        return Merging(published, finished, lost, self._failed_at(finished))

    def _failed_at(self, finished: Collection[str]) -> dict[str, datetime]:
        unfinished = self.staging.unfinished(self.entity_type, self.course).difference(finished)
        tried = (self.staging.unit(Unit(self.course, each, self.entity_type)) for each in unfinished)
        return {unit.learner_id: unit.fetched_at for unit in tried if unit is not None}

    def _is_carried(self, planned: PlannedUnit) -> bool:
        is_refused = planned.reason.is_asked and planned.unit.learner_id in self.refused
        return planned.is_carried and not is_refused

    def _is_here(self, planned: PlannedUnit) -> bool:
        """Whether an earlier run of the same day has put the rows into this very file."""
        return planned.snapshot_date == self.snapshot_date

    def _lost(
        self, carried: Sequence[PlannedUnit], copies: Sequence[StagedUnit], file: CourseFile
    ) -> frozenset[str]:
        """The learners whose rows are neither where the plan says nor, from an earlier publishing, in *file*."""
        found = {unit.learner_id for unit in copies}
        wanting = [as_staged(each) for each in carried if each.rows and each.unit.learner_id not in found]
        cuts = find_cuts(sorted(wanting, key=_learner), file)
        return frozenset(
            cut.staged.learner_id for cut in cuts if not has_rows(cut) and not self._is_outdated(cut.staged)
        )

    def _latest(self, units: Iterable[StagedUnit]) -> list[StagedUnit]:
        return sorted((unit for unit in units if not self._is_outdated(unit)), key=_learner)

    def _is_outdated(self, staged: StagedUnit) -> bool:
        """Whether another run found later that the learner has no rows."""
        return self.empty_since.get(staged.learner_id, staged.fetched_at) > staged.fetched_at

    def _read(self, earlier: EarlierFiles, staged: StagedUnit) -> pa.Table:
        if staged.outcome != CARRIED_FORWARD:
            return self.staging.table(Unit(self.course, staged.learner_id, self.entity_type))
        return earlier.table(staged.learner_id) if staged.rows else PROGRESS_SCHEMA.empty_table()

    def _write(self, cuts: Sequence[Cut], file: CourseFile, read: ReadStaged, row_group_rows: int) -> int:
        """Replace the file; the number of rows it has then."""
        with self.staging.store.replacing(self.path) as temporary:
            return write_rows(temporary, merged(cuts, file, read), row_group_rows=row_group_rows)


_learner = attrgetter("learner_id")
