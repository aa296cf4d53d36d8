"""Rows of earlier snapshots that stand for units today."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
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


class EarlierFiles:
    """The earlier files of one course and entity type; each is opened when it is needed, and closed by *stack*.

    A file that is *unusable* (by path) is taken for one without rows.
    """

    def __init__(
        self,
        stack: ExitStack,
        store: Store,
        entity_type: EntityType,
        course: Course,
        unusable: Collection[str],
    ) -> None:
        self._store = store
        self._entity_type = entity_type
        self._course = course
        self._unusable = unusable
        self._stack = stack
        self._files: dict[date, tuple[CourseFile, RowRanges]] = {}

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
        if day not in self._files:
            path = progress_file(self._entity_type, self._course, day)
            file = (
                CourseFile(path, None)
                if path in self._unusable
                else self._stack.enter_context(CourseFile.opened(self._store, path))
            )
            self._files[day] = file, RowRanges(file)
        return self._files[day]


def _table(file: CourseFile, there: RowRange) -> pa.Table:
    return pa.concat_tables(file.rows(there.start, there.stop))
