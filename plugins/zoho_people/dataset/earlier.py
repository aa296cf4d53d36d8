"""Rows of earlier snapshots that stand for units today."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Self

import pyarrow as pa

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course
from zoho_people.dataset.course_file import CourseFile, UnusableFile
from zoho_people.dataset.layout import progress_file
from zoho_people.dataset.merge import Cut, find_cuts
from zoho_people.dataset.staged_unit import CARRIED_FORWARD, StagedUnit
from zoho_people.dataset.store import Store
from zoho_people.refresh import PlannedUnit

log = logging.getLogger(__name__)


def as_staged(planned: PlannedUnit) -> StagedUnit:
    """The carried unit as one that is staged in an earlier day's file.

    :raises ValueError: when it was never answered.
    """
    if planned.last_at is None:
        raise ValueError(f"{planned.unit} was never answered: there is nothing to carry forward")
    return StagedUnit(planned.unit.learner_id, CARRIED_FORWARD, planned.pages, planned.rows, planned.last_at)


def has_rows(cut: Cut) -> bool:
    """Whether the file that was cut has the rows that the carried unit is about, or newer ones."""
    is_newer = cut.latest is not None and cut.latest > cut.staged.fetched_at
    return is_newer or cut.published_rows == cut.staged.rows


class EarlierFiles:
    """The earlier files of one course and entity type, as a context manager; each is opened when it is needed.

    A file that is *unusable* (by path), or proves to be when it is opened, is taken for one without rows.
    """

    def __init__(
        self, store: Store, entity_type: EntityType, course: Course, unusable: Collection[str] = ()
    ) -> None:
        self._store = store
        self._entity_type = entity_type
        self._course = course
        self._unusable = unusable
        self._stack = ExitStack()
        self._rows: dict[str, tuple[CourseFile, int, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def find(self, carried: Iterable[PlannedUnit]) -> list[StagedUnit]:
        """Those of *carried* whose rows are where the plan says, as they are there."""
        by_day: dict[date, list[StagedUnit]] = defaultdict(list)
        for planned in carried:
            if planned.snapshot_date is not None:
                by_day[planned.snapshot_date].append(as_staged(planned))
        return [unit for day, units in by_day.items() for unit in self._find(day, units)]

    def table(self, learner_id: str) -> pa.Table:
        """The rows of a learner who was found.

        :raises DamagedFile: when they can't be read.
        """
        file, start, stop = self._rows[learner_id]
        return pa.concat_tables(file.rows(start, stop))

    def _find(self, day: date, units: Sequence[StagedUnit]) -> list[StagedUnit]:
        path = progress_file(self._entity_type, self._course, day)
        if path in self._unusable:
            return []
        try:
            file = self._stack.enter_context(CourseFile.opened(self._store, path))
            cuts = find_cuts(sorted(units, key=lambda unit: unit.learner_id), file)
        except UnusableFile as error:
            log.warning("Rows can't be carried forward: %s", error)
            return []
        return [self._found(cut, file) for cut in cuts if cut.published_rows and has_rows(cut)]

    def _found(self, cut: Cut, file: CourseFile) -> StagedUnit:
        self._rows[cut.staged.learner_id] = file, cut.start, cut.stop
        fetched_at = max(cut.staged.fetched_at, cut.latest or cut.staged.fetched_at)
        return replace(cut.staged, rows=cut.published_rows, latest=cut.latest, fetched_at=fetched_at)
