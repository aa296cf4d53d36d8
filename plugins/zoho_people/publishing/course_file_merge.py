"""One file of the dataset, and what a run's units make of it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain

from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.outcome import Outcome
from zoho_people.model.planned_unit import PlannedUnit
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.model.unit import Course
from zoho_people.planning.known_after_publish import KnownAfterPublish, Result
from zoho_people.planning.known_units import KnownUnits, KnownWriter
from zoho_people.publishing.course_file import CourseFile, UnusableFile, write_rows
from zoho_people.publishing.earlier_snapshots import EarlierFiles, as_staged
from zoho_people.publishing.row_ranges import Cut, RowRanges, is_news, is_there, merged
from zoho_people.staging.new_fields import MOST_OF_A_RUN
from zoho_people.staging.progress_pages import StagedUnits
from zoho_people.storage.by_learner import ByLearner, InTurn, side_by_side
from zoho_people.storage.layout import progress_file
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of the dataset after publishing.

    ``path`` is relative to the output path. ``rows`` are those that this run fetched, ``rows_carried`` those it
    carried forward; ``changed`` says whether it was replaced.
    """

    path: str
    entity_type: EntityType
    rows: int
    rows_carried: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of the units of one file.

    ``file`` is None where there is none for want of rows; ``known`` is what is known of the units then, None where
    that is what was known before; ``lost`` is the number of learners whose rows could not be carried forward.
    ``fields`` are the names of fields that have no column.
    """

    file: PublishedFile | None
    known: KnownUnits | None
    lost: int
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class CourseFileMerge:
    """The file of a course (or batch) and entity type under *snapshot_date*.

    *staged* is what the run has fetched; *known* what is known of the units; *empty_since* says when a run found,
    on that day, that a learner has no rows: nothing in the file shows it. *now* is noted with units whose type is
    absent.
    """

    store: Store
    entity_type: EntityType
    course: Course
    snapshot_date: date
    staged: StagedUnits
    known: ByLearner[Known]
    empty_since: ByLearner[datetime]
    now: datetime

    @property
    def path(self) -> str:
        """Where it is, relative to the output path."""
        return progress_file(self.entity_type, self.course, self.snapshot_date)

    def run(self, planned: Iterable[PlannedUnit], row_group_rows: int) -> Merged:
        """Replace the file if the units bring news: what is staged of them, and what they carry forward.

        *planned* is gone through learner by learner, as often as needed; so is all that is merged.

        :raises UnusableFile: when the file can't be merged into.
        """
        known_after = KnownAfterPublish(self.snapshot_date, self.now, is_first=self._is_first(planned))
        unusable: set[str] = set()
        while True:
            try:
                return self._merge(planned, known_after, unusable, row_group_rows)
            except UnusableFile as error:
                if error.path == self.path or error.path in unusable:
                    raise
                log.warning("Rows can't be carried forward: %s", error)
                unusable.add(error.path)

    def _is_first(self, planned: Iterable[PlannedUnit]) -> bool:
        """Whether the units bring rows of a type that had none for anybody."""
        if any(known.rows for _, known in self.known.items()):
            return False
        finished = (self.staged.finished(each.unit.learner_id) for each in planned)
        return any(staged.rows for staged in finished if staged is not None)

    def _merge(
        self,
        planned: Iterable[PlannedUnit],
        known_after: KnownAfterPublish,
        unusable: Collection[str],
        row_group_rows: int,
    ) -> Merged:
        with ExitStack() as stack:
            file = stack.enter_context(CourseFile.opened(self.store, self.path))
            earlier = EarlierFiles(stack, self.store, self.entity_type, self.course, unusable)
            went = _Pass(self, file, earlier, known_after)
            cuts = went.cuts(planned)
            first = next(cuts, None)
            if first is not None:
                with self.store.replacing(self.path) as temporary:
                    rows = merged(chain([first], cuts), file)
                    write_rows(temporary, rows, row_group_rows=row_group_rows)
            is_published = file.exists or first is not None
        published = None
        if is_published and (went.answered or went.carried):
            published = PublishedFile(
                self.path,
                self.entity_type,
                rows=went.rows,
                rows_carried=went.rows_carried,
                changed=first is not None,
            )
        known = went.known.finish() if went.learned else None
        return Merged(published, known, went.lost, frozenset(went.fields))


class _Pass:
    """Once through the units of a file, learner by learner.

    Counts the learners who are ``answered``, ``carried`` and ``lost``, and the rows of the former two.
    ``known`` is what is known then; something was ``learned`` where that is not what was known before. ``fields``
    are the names of fields that have no column.
    """

    def __init__(
        self, merge: CourseFileMerge, file: CourseFile, earlier: EarlierFiles, known_after: KnownAfterPublish
    ) -> None:
        self._merge = merge
        self._file = file
        self._earlier = earlier
        self._known_after = known_after
        self._here = RowRanges(file)
        self._empty_since = InTurn(merge.empty_since)
        self.known = KnownWriter(merge.entity_type)
        self.learned = False
        self.fields: set[str] = set()
        self.answered = self.rows = self.carried = self.rows_carried = self.lost = 0

    def cuts(self, planned: Iterable[PlannedUnit]) -> Iterator[Cut]:
        """What is news, on the way; the counts are whole when it ends."""
        named = ((each.unit.learner_id, each) for each in planned)
        for learner_id, each, before in side_by_side(named, self._merge.known.items()):
            cut, result = (None, Result()) if each is None else self._look(each, before)
            if cut is not None and is_news(cut, self._file):
                yield cut
            after = self._known_after.after(each, result, before)
            self.learned |= after != before
            if after is not None:
                self.known.add(learner_id, after)

    def _look(self, planned: PlannedUnit, before: Known | None) -> tuple[Cut | None, Result]:
        """What takes the place of the learner's rows, and what came of the unit."""
        learner_id = planned.unit.learner_id
        staged = self._merge.staged.finished(learner_id)
        if staged is not None:
            return self._answer(staged), Result(staged)
        failed = self._merge.staged.failed(learner_id)
        cut, is_lost = self._carry(planned) if self._is_carried(planned, before) else (None, False)
        return cut, Result(None, is_lost, failed.fetched_at if failed else None)

    def _answer(self, staged: StagedUnit) -> Cut | None:
        if not staged.is_answered:
            return None
        self.answered += 1
        self.rows += staged.rows
        if len(self.fields) < MOST_OF_A_RUN:
            self.fields.update(staged.fields)
        read = partial(self._merge.staged.table, staged.learner_id)
        return None if self._is_outdated(staged) else Cut(staged, self._here.find(staged.learner_id), read)

    @staticmethod
    def _is_carried(planned: PlannedUnit, before: Known | None) -> bool:
        """Whether earlier rows stand for the unit; Zoho's refusal is no answer that is wanting."""
        is_refused = before is not None and before.outcome in (Outcome.NOT_FOUND, Outcome.FORBIDDEN)
        return planned.is_carried and not (planned.reason.is_to_fetch and is_refused)

    def _carry(self, planned: PlannedUnit) -> tuple[Cut | None, bool]:
        """What takes the place of the learner's rows; and whether they are lost, in the file and out of it."""
        here = self._here.find(planned.unit.learner_id)
        cut = None if self._is_here(planned) else self._earlier.cut(planned, here)
        wanted = as_staged(planned)
        is_lost = cut is None and not is_there(wanted, here) and not self._is_outdated(wanted)
        self.carried += 1
        self.lost += is_lost
        self.rows_carried += 0 if is_lost else planned.rows
        return (None if cut is None or self._is_outdated(cut.staged) else cut), is_lost

    def _is_here(self, planned: PlannedUnit) -> bool:
        """Whether an earlier run of the same day has put the rows into this very file."""
        return bool(planned.rows) and planned.snapshot_date == self._merge.snapshot_date

    def _is_outdated(self, staged: StagedUnit) -> bool:
        """Whether another run found later that the learner has no rows."""
        empty_since = self._empty_since.get(staged.learner_id)
        return empty_since is not None and empty_since > staged.fetched_at
