"""Rows of earlier snapshots that stand for units today."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import pyarrow as pa

from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import Outcome
from zoho_people.model.planned_unit import PlannedUnit
from zoho_people.model.staged_unit import StagedUnit
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import CourseFile
from zoho_people.publishing.row_ranges import Cut, RowRange, RowRanges, is_there
from zoho_people.storage.layout import progress_file
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.storage.store import Store


def as_staged(planned: PlannedUnit) -> StagedUnit:
    """The carried unit as one that is staged in an earlier day's file.

    :raises ValueError: when it was never answered.
    """
    if planned.last_at is None:
        raise ValueError(f"{planned.unit} was never answered: there is nothing to carry forward")
    return StagedUnit(
        planned.unit.learner_id, Outcome.CARRIED_FORWARD, planned.pages, planned.rows, planned.last_at
    )


@dataclass(frozen=True, slots=True)
class EarlierFiles:
    """The earlier files of one course and entity type; each is opened when it is needed, and closed by *stack*.

    A file that is *unusable* (by path) is taken for one without rows. ``files`` are those opened, by their day.
    """

    stack: ExitStack
    store: Store
    entity_type: EntityType
    course: Course
    unusable: Collection[str]
    files: dict[date, tuple[CourseFile, RowRanges]] = field(default_factory=dict)

    def cut(self, planned: PlannedUnit, here: RowRange) -> Cut | None:
        """What takes the place of *here*: the carried unit's rows, None where they are not where the plan says.

        Learners come in the order of their ids.

        :raises UnusableFile: when the earlier file can't be read.
        """
        staged = as_staged(planned)
        if not planned.rows:
            return Cut(staged, here, PROGRESS_SCHEMA.empty_table)
        if planned.snapshot_date is None:
            return None
        file, row_ranges = self._opened(planned.snapshot_date)
        there = row_ranges.find(staged.learner_id)
        if not there.rows or not is_there(staged, there):
            return None
        fetched_at = max(staged.fetched_at, there.latest or staged.fetched_at)
        found = replace(staged, rows=there.rows, latest=there.latest, fetched_at=fetched_at)
        return Cut(found, here, partial(_table, file, there))

    def _opened(self, day: date) -> tuple[CourseFile, RowRanges]:
        if day not in self.files:
            path = progress_file(self.entity_type, self.course, day)
            file = (
                CourseFile(path, None)
                if path in self.unusable
                else self.stack.enter_context(CourseFile.opened(self.store, path))
            )
            self.files[day] = file, RowRanges(file)
        return self.files[day]


def _table(file: CourseFile, there: RowRange) -> pa.Table:
    return pa.concat_tables(file.rows(there.start, there.stop))
