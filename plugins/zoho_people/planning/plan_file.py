"""What a run set out to do, unit by unit: ``_staging/<run key>/plan.parquet``.

Written once, course by course, of each course entity type by entity type, and of those in the order of the
learners' ids: as the dataset's files are. Read by every task of the run, a few units at a time. A row group holds
units of one course only; a reader holds one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import count, groupby, islice, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.model.entity_type import EntityType
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.budget import FITTING, choose
from zoho_people.storage.arrow_columns import ROWS_AT_A_TIME, named_rows, total, values
from zoho_people.storage.layout import plan_file
from zoho_people.storage.row_groups import RowGroups, value_ranges
from zoho_people.storage.schema import FINGERPRINT, PLAN_SCHEMA
from zoho_people.storage.store import Store

ROW_GROUP_ROWS = 16_384
_TO_FETCH = pa.array([reason.value for reason in Reason if reason.is_to_fetch], pa.string())
_TYPES = {entity_type.label: entity_type for entity_type in EntityType}
_COURSE_COLUMNS = ["course_id", "batch_id"]
_UNIT_COLUMNS = [*_COURSE_COLUMNS, "learner_id", "entity_type"]
_FACTS = [fact.name for fact in fields(PlannedUnit) if fact.name != "unit"]
_COLUMNS = {"fingerprint": FINGERPRINT}
"""The column of each fact that is not called as the fact is."""


class PlanWriter:
    """Writes a plan into *file*; :meth:`opened` makes one."""

    def __init__(self, file: pq.ParquetWriter) -> None:
        self._row_groups = RowGroups(file, ROW_GROUP_ROWS)
        self._course: Course | None = None
        self._types: set[EntityType] = set()
        self._earlier: set[Course] = set()
        self._to_fetch = 0

    @classmethod
    @contextmanager
    def opened(cls, store: Store, run_key: str) -> Iterator[PlanWriter]:
        """The plan of a run; it is there, whole, when the block ends without an error."""
        with store.replacing(plan_file(run_key)) as temporary, _new_file(temporary) as file:
            writer = cls(file)
            yield writer
            writer._row_groups.flush()

    def add(self, units: Iterable[PlannedUnit]) -> int:
        """Add all units of one course and entity type, in the order of their learners' ids; how many they are.

        The types of a course follow on each other.

        :raises ValueError: when the units are of several courses or types, of one that was added before, or in
            another order.
        """
        added, rest = 0, iter(units)
        before: PlannedUnit | None = None
        while some := list(islice(rest, ROWS_AT_A_TIME)):
            _check_order(some, before)
            if before is None:
                self._begin(some[0].unit.course, some[0].unit.entity_type)
            before = some[-1]
            self._row_groups.add(self._table(some))
            added += len(some)
        return added

    def _begin(self, course: Course, entity_type: EntityType) -> None:
        is_same = course == self._course
        if course in self._earlier or (is_same and entity_type in self._types):
            raise ValueError("a plan takes all units of one course at a time, and of an entity type at once")
        if not is_same:
            self._row_groups.flush()
            self._earlier |= {self._course} if self._course else set()
            self._course, self._types = course, set()
        self._types.add(entity_type)

    def _table(self, units: Sequence[PlannedUnit]) -> pa.Table:
        positions: list[int | None] = []
        for planned in units:
            positions.append(self._to_fetch if planned.reason.is_to_fetch else None)
            self._to_fetch += planned.reason.is_to_fetch
        return _table(units, positions)


class PartOfGroup(NamedTuple):
    """The rows of a row group from *first* to *stop* (exclusive)."""

    row_group: int
    first: int
    stop: int


class _TypeRows(NamedTuple):
    """Rows that follow on each other and are of one course and entity type."""

    course: Course
    entity_type: EntityType
    part: PartOfGroup


@dataclass(frozen=True, slots=True)
class PlannedUnits:
    """The units of one course and entity type, in the order of their learners' ids; read again and again."""

    row_groups: _RowGroups
    parts: Sequence[PartOfGroup]

    def __len__(self) -> int:
        return sum(part.stop - part.first for part in self.parts)

    def __iter__(self) -> Iterator[PlannedUnit]:
        for part in self.parts:
            group = self.row_groups.read(part.row_group)
            yield from _planned(group.slice(part.first, part.stop - part.first))


class _RowGroups:
    """The row groups of a plan. The last one stays at hand: the next entity type of its course begins there."""

    def __init__(self, plan: PlanFile) -> None:
        self._plan = plan
        self._number = -1
        self._last: pa.Table | None = None

    def read(self, number: int) -> pa.Table:
        if self._last is None or self._number != number:
            self._last = None  # while another one is read
            with self._plan.opened() as file:
                self._last, self._number = file.read_row_group(number, use_threads=False), number
        return self._last


class PlanFile:
    """The plan of one run. Every method but :meth:`exists` raises FileNotFoundError where there is none."""

    def __init__(self, store: Store, run_key: str) -> None:
        self._store = store
        self._path = plan_file(run_key)

    def exists(self) -> bool:
        """Whether there is one."""
        return self._store.exists(self._path)

    def counts(self) -> dict[str, int]:
        """How many units there are for each reason; all reasons are there."""
        found: Counter[str] = Counter({reason.value: 0 for reason in Reason})
        for group in self._row_group_tables(["reason"]):
            found.update({each["values"]: each["counts"] for each in values(group["reason"].value_counts())})
        return dict(found)

    def to_fetch(self, first: int, count: int) -> list[Unit]:
        """The units at positions *first* to *first* + *count* - 1 of those asked for, as far as there are.

        Reads the row groups that have them, and no others.
        """
        stop = first + count
        units: list[Unit] = []
        with self.opened() as file:
            for number in _groups_at(file, first, stop):
                group = file.read_row_group(number, columns=[*_UNIT_COLUMNS, "position"], use_threads=False)
                units += _units(_between(group, first, stop))
        return units

    def to_fetch_by_course(self) -> list[tuple[Course, int]]:
        """Each course with how many units of it are asked for, in the order of their positions."""
        groups = (group for group in self._row_group_tables([*_COURSE_COLUMNS, "position"]) if group.num_rows)
        counts = {
            course: sum(len(part) - part["position"].null_count for part in parts)
            for course, parts in groupby(groups, key=_course)
        }
        return [(course, units) for course, units in counts.items() if units]

    def courses(self) -> Iterator[tuple[Course, list[tuple[EntityType, PlannedUnits]]]]:
        """Each course and, for each entity type, all its units; all in the plan's order."""
        row_groups = _RowGroups(self)
        for course, of_course in groupby(self._type_rows(), key=attrgetter("course")):
            parts: dict[EntityType, list[PartOfGroup]] = {}
            for rows in of_course:
                parts.setdefault(rows.entity_type, []).append(rows.part)
            yield course, [(each, PlannedUnits(row_groups, found)) for each, found in parts.items()]

    def _type_rows(self) -> Iterator[_TypeRows]:
        """Which rows of each row group are of which entity type."""
        for number, group in enumerate(self._row_group_tables([*_COURSE_COLUMNS, "entity_type"])):
            if not group.num_rows:
                return
            runs: Any = pc.call_function("run_end_encode", [group["entity_type"].combine_chunks()])
            course, first = _course(group), 0
            for label, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
                yield _TypeRows(course, _TYPES[label], PartOfGroup(number, first, end))
                first = end

    def fit(self, left: int | None) -> tuple[int, int]:
        """Have only what fits into *left* requests asked for; the requests then, and how many are postponed.

        None is everything. First come units that were never tried, then those that wait longest. The very
        first is asked for even where it alone is more than *left*, unless *left* is 0: none waits for ever. What
        doesn't fit gets the reason ``postponed``, a probe ``absent``; a later run finds both as they were.
        """
        requests = sum(
            total(_to_fetch_of(group)["pages"]) for group in self._row_group_tables(["reason", "pages"])
        )
        if left is not None and requests > left:
            to_fetch = pa.concat_tables([_to_fetch_of(group).select(FITTING) for group in self._in_turn()])
            stays, requests = choose(to_fetch, left)
            self._keep(stays)
        return requests, self.counts()[Reason.POSTPONED]

    def _in_turn(self) -> Iterator[pa.Table]:
        """Every row group, with the course's place in the plan and each learner's in the course."""
        groups = self._row_group_tables(
            [*_COURSE_COLUMNS, "entity_type", "reason", "pages", "last_at", "tried_at"]
        )
        for number, (_, parts) in enumerate(groupby(groups, key=_course)):
            turns: dict[str, Iterator[int]] = defaultdict(count)
            for group in parts:
                turn = [next(turns[label]) for label in values(group["entity_type"])]
                course = [number] * group.num_rows
                yield _appended(_appended(group, "course", course), "turn", turn)

    def _keep(self, stays: Iterable[int]) -> None:
        """Write the plan anew; *stays* says of each unit that is asked for whether it still is."""
        staying, positions = iter(stays), count()
        with self._store.replacing(self._path) as temporary, _new_file(temporary) as file:
            for group in self._row_group_tables(PLAN_SCHEMA.names):
                reasons = [_kept(Reason(text), staying) for text in values(group["reason"])]
                places = [next(positions) if reason.is_to_fetch else None for reason in reasons]
                file.write_table(_with_column(_with_column(group, "reason", reasons), "position", places))

    def learner_ids(self) -> list[str]:
        """The learners of the plan, each once, in order."""
        found = set[str]()
        for table in self._row_group_tables(["learner_id"]):
            found.update(values(table["learner_id"]))
        return sorted(found)

    @contextmanager
    def opened(self) -> Iterator[pq.ParquetFile]:
        """The file, to be read."""
        with self._store.open(self._path) as source, pq.ParquetFile(source) as file:
            yield file

    def _row_group_tables(self, columns: list[str]) -> Iterator[pa.Table]:
        """Every row group; one without rows where the plan has no units."""
        with self.opened() as file:
            if not file.num_row_groups:
                yield PLAN_SCHEMA.empty_table().select(columns)
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=columns, use_threads=False)


def _check_order(units: Sequence[PlannedUnit], before: PlannedUnit | None) -> None:
    for earlier, later in pairwise([*([before] if before else []), *units]):
        first, second = earlier.unit, later.unit
        if (first.course, first.entity_type) != (second.course, second.entity_type):
            raise ValueError("a plan takes units of one course at a time, and of one entity type")
        if first.learner_id >= second.learner_id:
            raise ValueError("a plan takes units in the order of their learners' ids, each once")


def _new_file(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, PLAN_SCHEMA, compression="zstd")


def _table(units: Sequence[PlannedUnit], positions: Sequence[int | None]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "course_id": [each.unit.course.course_id for each in units],
        "batch_id": [each.unit.course.batch_id for each in units],
        "learner_id": [each.unit.learner_id for each in units],
        "entity_type": [each.unit.entity_type.label for each in units],
        "position": list(positions),
        **{_COLUMNS.get(fact, fact): [getattr(each, fact) for each in units] for fact in _FACTS},
    }
    return pa.Table.from_pydict(columns, schema=PLAN_SCHEMA)


def _units(table: pa.Table) -> Iterator[Unit]:
    """The units of a row group's rows, or of some of them: all of one course."""
    if not table.num_rows:
        return
    course = _course(table)
    for row in named_rows(table.select(["learner_id", "entity_type"])):
        yield Unit(course, row["learner_id"], _TYPES[row["entity_type"]])


def _planned(table: pa.Table) -> Iterator[PlannedUnit]:
    course = _course(table)
    facts = table.drop_columns([*_COURSE_COLUMNS, "position"]).rename_columns({FINGERPRINT: "fingerprint"})
    for row in named_rows(facts):
        unit = Unit(course, row.pop("learner_id"), _TYPES[row.pop("entity_type")])
        yield PlannedUnit(unit, Reason(row.pop("reason")), **row)


def _course(table: pa.Table) -> Course:
    """The course of a row group, or of some of its rows."""
    return Course(**next(named_rows(table.slice(0, 1).select(_COURSE_COLUMNS))))


def _between(table: pa.Table, first: int, stop: int) -> pa.Table:
    """The rows at positions *first* to *stop* (exclusive)."""
    positions: Any = table["position"]
    is_behind = pc.less(positions, pa.scalar(stop))
    return table.filter(pc.and_(pc.greater_equal(positions, pa.scalar(first)), is_behind))


def _groups_at(file: pq.ParquetFile, first: int, stop: int) -> Iterator[int]:
    """The row groups that have a position from *first* to *stop* (exclusive), by their statistics."""
    for group, positions in enumerate(value_ranges(file, "position")):
        if positions.least is not None and first <= positions.greatest and positions.least < stop:
            yield group


def _to_fetch_of(group: pa.Table) -> pa.Table:
    return group.filter(pc.is_in(group["reason"], value_set=_TO_FETCH))


def _appended(table: pa.Table, name: str, numbers: Sequence[int]) -> pa.Table:
    return table.append_column(name, pa.array(numbers, pa.int32()))


def _kept(reason: Reason, staying: Iterator[int]) -> Reason:
    if not reason.is_to_fetch or next(staying):
        return reason
    return Reason.ABSENT if reason is Reason.PROBE else Reason.POSTPONED


def _with_column(table: pa.Table, name: str, column: Sequence[Any]) -> pa.Table:
    place = PLAN_SCHEMA.get_field_index(name)
    field = PLAN_SCHEMA.field(place)
    return table.set_column(place, field, pa.array(column, field.type))
