"""What changed in one course (or batch): a day's snapshot against the last one that knew each unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.comparing.changes_file import read_changes
from zoho_people.comparing.earlier_units import EarlierUnits, Learners
from zoho_people.comparing.entity_changes import COLUMNS, ORDER, changes_between
from zoho_people.comparing.rows_in_order import RowsInOrder, side_by_side
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import CourseFile, UnusableFile
from zoho_people.storage.arrow_columns import values
from zoho_people.storage.layout import changes_file, progress_file
from zoho_people.storage.schema import CHANGES_SCHEMA
from zoho_people.storage.store import Store


class MissingFile(UnusableFile):
    """Coverage counts rows in the file at ``path``, and there is none."""

    def __init__(self, path: str) -> None:
        super().__init__(
            path,
            f"{path} is not there, and the coverage of the day counts rows in it; restore it, or clear publish in "
            "the run of that day",
        )


@dataclass(slots=True)
class CourseComparison:
    """Compares one *course*; counts on the way.

    ``compared``: number of units by the day they were compared with; ``lost``: number of units that could not be
    compared, since their earlier rows are no longer kept; ``changes``: number of changes of each kind;
    ``learners``: ids of those who have any.
    """

    store: Store
    course: Course
    day: date
    dag_run_id: str
    compared: Counter[date] = field(default_factory=Counter)
    lost: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    learners: set[str] = field(default_factory=set)

    def tables(self, units: EarlierUnits) -> Iterator[pa.Table]:
        """The changes of *units*, by entity type, learner and entity.

        :raises UnusableFile: when a file can't be read, or is missing.
        """
        for entity_type, learners in units.by_type.items():
            for table in self._of_type(entity_type, learners, has_rows=units.has_rows_today(entity_type)):
                self.learners.update(values(table["learner_id"].unique()))
                self.changes.update(values(table["change"]))
                yield table

    def _of_type(
        self, entity_type: EntityType, learners: tuple[Learners, ...], *, has_rows: bool
    ) -> Iterator[pa.Table]:
        with ExitStack() as stack:
            today = stack.enter_context(self._opened(entity_type, self.day))
            if has_rows and not today.exists:
                raise MissingFile(today.path)
            earlier = [(each, stack.enter_context(self._opened(entity_type, each.day))) for each in learners]
            days = _Days.of(self._kept(each, file) for each, file in earlier)
            before = [RowsInOrder(file, COLUMNS, each.with_rows) for each, file in earlier]
            gone = [each.with_rows for each, file in earlier if not file.exists]
            kept = self._told_before(entity_type, gone)
            for *was, now in side_by_side(*before, RowsInOrder(today, COLUMNS, days.learners)):
                changes = changes_between(pa.concat_tables(was), now)
                if changes.num_rows:
                    told = self._told(entity_type, changes, days)
                    upto: Any = pc.less_equal(kept["learner_id"], told["learner_id"][-1])
                    yield pa.concat_tables([kept.filter(upto), told]).sort_by(ORDER)
                    kept = kept.filter(pc.invert(upto))
            if kept.num_rows:
                yield kept

    def _told_before(self, entity_type: EntityType, gone: Sequence[pa.Array[Any]]) -> pa.Table:
        """The changes, written before, of learners whose earlier rows are *gone* since: they stay."""
        learners = pa.concat_arrays([pa.array([], pa.string()), *gone])
        found = read_changes(self.store, changes_file(self.course, self.day)) if len(learners) else None
        if found is None:
            return CHANGES_SCHEMA.empty_table()
        of_type: Any = pc.equal(found["entity_type"], pa.scalar(entity_type.label))
        return found.filter(pc.and_(of_type, pc.is_in(found["learner_id"], value_set=learners)))

    def _opened(self, entity_type: EntityType, day: date) -> Any:
        return CourseFile.opened(self.store, progress_file(entity_type, self.course, day))

    def _kept(self, learners: Learners, file: CourseFile) -> tuple[pa.Array[Any], date]:
        """The learners who can be compared (without rows then, or with rows that are still there), and the day."""
        ids = learners.without_rows
        if file.exists:
            ids = pa.concat_arrays([ids, learners.with_rows])
        else:
            self.lost += len(learners.with_rows)
        self.compared[learners.day] += len(ids)
        return ids, learners.day

    def _told(self, entity_type: EntityType, changes: pa.Table, days: _Days) -> pa.Table:
        """*changes* as the dataset has them."""
        count = changes.num_rows
        columns = {name: changes[name] for name in changes.column_names} | {
            "course_id": pa.repeat(pa.scalar(self.course.course_id, pa.string()), count),
            "batch_id": pa.repeat(pa.scalar(self.course.batch_id, pa.string()), count),
            "entity_type": pa.repeat(entity_type.label, count),
            "previous_snapshot_date": days.of_learners(changes["learner_id"]),
            "dag_run_id": pa.repeat(self.dag_run_id, count),
        }
        return pa.Table.from_arrays([columns[name] for name in CHANGES_SCHEMA.names], schema=CHANGES_SCHEMA)


@dataclass(frozen=True, slots=True)
class _Days:
    """The *learners* who are compared, each with the day at the same place of *days*."""

    learners: pa.Array[Any]
    days: pa.Array[Any]

    @classmethod
    def of(cls, kept: Iterator[tuple[pa.Array[Any], date]]) -> _Days:
        learners: list[pa.Array[Any]] = [pa.array([], pa.string())]
        days: list[pa.Array[Any]] = [pa.array([], pa.date32())]
        for ids, day in kept:
            learners.append(ids)
            days.append(pa.repeat(pa.scalar(day, pa.date32()), len(ids)))
        return cls(pa.concat_arrays(learners), pa.concat_arrays(days))

    def of_learners(self, learner_ids: Any) -> Any:
        return self.days.take(pc.index_in(learner_ids.combine_chunks(), value_set=self.learners))
