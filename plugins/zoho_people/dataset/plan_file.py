"""What a run set out to do, unit by unit: ``_staging/<run key>/plan.parquet``.

Written once, course by course; read by every task of the run, a few units at a time. A row group holds units of
one course only, so no reader and no writer ever holds more than one course.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import compress, count, groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.columns import moments
from zoho_people.dataset.fitting import choose
from zoho_people.dataset.layout import plan_file
from zoho_people.dataset.schema import PLAN_SCHEMA
from zoho_people.dataset.store import Store
from zoho_people.refresh import PlannedUnit, Reason

ROW_GROUP_ROWS = 32_768
_ASKED = pa.array([reason.value for reason in Reason if reason.is_asked], pa.string())
_TYPES = {entity_type.label: entity_type for entity_type in EntityType}
_FIT_COLUMNS = ["pages", "last_at", "tried_at"]
_UNIT_COLUMNS = ["course_id", "batch_id", "learner_id", "entity_type"]


class PlanWriter:
    """Writes a plan as a context manager; it is there, whole, when the block ends without an error."""

    def __init__(self, store: Store, run_key: str) -> None:
        self._store = store
        self._path = plan_file(run_key)
        self._stack = ExitStack()
        self._courses: set[Course] = set()
        self._asked = 0

    def __enter__(self) -> Self:
        temporary = self._stack.enter_context(self._store.replacing(self._path))
        self._file = self._stack.enter_context(_new_file(temporary))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, units: Sequence[PlannedUnit]) -> None:
        """Add all units of one course; nothing happens when there are none.

        :raises ValueError: when they are of several courses, or of one that was added before.
        """
        courses = {planned.unit.course for planned in units}
        if len(courses) > 1 or courses & self._courses:
            raise ValueError("a plan takes all units of a course at once, and of one course at a time")
        self._courses |= courses
        for first in range(0, len(units), ROW_GROUP_ROWS):
            self._write(units[first : first + ROW_GROUP_ROWS])

    def _write(self, units: Sequence[PlannedUnit]) -> None:
        positions: list[int | None] = []
        for planned in units:
            positions.append(self._asked if planned.reason.is_asked else None)
            self._asked += planned.reason.is_asked
        self._file.write_table(_table(units, positions))


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
        for group in self._groups(["reason"]):
            found.update(_values(group["reason"]))
        return dict(found)

    def asked(self, first: int, count: int) -> list[Unit]:
        """The units at positions *first* to *first* + *count* - 1 of those asked for, as far as there are.

        Reads the row groups that have them, and no others.
        """
        stop = first + count
        units: list[Unit] = []
        with self._opened() as file:
            for group in _groups_at(file, first, stop):
                table = file.read_row_group(group, columns=[*_UNIT_COLUMNS, "position"])
                positions: list[Any] = table["position"].to_pylist()
                here = [position is not None and first <= position < stop for position in positions]
                units += compress(_units(table), here)
        return units

    def courses(self) -> Iterator[tuple[Course, list[PlannedUnit]]]:
        """Each course and all its units, in the plan's order."""
        planned = (each for group in self._groups(PLAN_SCHEMA.names) for each in _planned(group))
        for course, units in groupby(planned, key=lambda each: each.unit.course):
            yield course, list(units)

    def fit(self, left: int | None) -> tuple[int, int]:
        """Have only what fits into *left* requests asked for; the requests then, and how many are postponed.

        None is everything. First come units that were never tried, then those that wait longest. The very
        first is asked for even where it alone is more than *left*, unless *left* is 0: none waits for ever. What
        doesn't fit gets the reason ``postponed``, a probe ``absent``; a later run finds both as they were.
        """
        asked = pa.concat_tables([_asked_of(group) for group in self._groups(["reason", *_FIT_COLUMNS])])
        requests = sum(_values(asked["pages"]))
        if left is not None and requests > left:
            stays = choose(asked, left)
            requests = sum(compress(_values(asked["pages"]), stays))
            self._keep(stays)
        return requests, self.counts()[Reason.POSTPONED]

    def _keep(self, stays: Iterable[bool]) -> None:
        """Write the plan anew; *stays* says of each unit that is asked for whether it still is."""
        staying, positions = iter(stays), count()
        with self._store.replacing(self._path) as temporary, _new_file(temporary) as file:
            for group in self._groups(PLAN_SCHEMA.names):
                reasons = [_kept(Reason(text), staying) for text in _values(group["reason"])]
                places = [next(positions) if reason.is_asked else None for reason in reasons]
                file.write_table(_with_column(_with_column(group, "reason", reasons), "position", places))

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        with self._store.open(self._path) as source, pq.ParquetFile(source) as file:
            yield file

    def _groups(self, columns: list[str]) -> Iterator[pa.Table]:
        """Every row group; one without rows where the plan has no units."""
        with self._opened() as file:
            if not file.num_row_groups:
                yield PLAN_SCHEMA.empty_table().select(columns)
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=columns)


def _new_file(path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, PLAN_SCHEMA, compression="zstd")


def _table(units: Sequence[PlannedUnit], positions: Sequence[int | None]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "course_id": [each.unit.course.course_id for each in units],
        "batch_id": [each.unit.course.batch_id for each in units],
        "learner_id": [each.unit.learner_id for each in units],
        "entity_type": [each.unit.entity_type.label for each in units],
        "reason": [each.reason.value for each in units],
        "mark": [each.mark for each in units],
        "pages": [each.pages for each in units],
        "last_at": [each.last_at for each in units],
        "position": list(positions),
        "rows": [each.rows for each in units],
        "snapshot_date": [each.snapshot_date for each in units],
        "tried_at": [each.tried_at for each in units],
        "missed_at": [each.missed_at for each in units],
        "is_outdated": [each.is_outdated for each in units],
    }
    return pa.Table.from_pydict(columns, schema=PLAN_SCHEMA)


def _units(table: pa.Table) -> Iterator[Unit]:
    """The units of a row group's rows: all of one course."""
    course = Course(table["course_id"][0].as_py(), table["batch_id"][0].as_py())
    for learner_id, label in zip(_values(table["learner_id"]), _values(table["entity_type"]), strict=True):
        yield Unit(course, learner_id, _TYPES[label])


def _planned(table: pa.Table) -> Iterator[PlannedUnit]:
    if not table.num_rows:
        return
    facts = [_values(table[name]) for name in ("mark", "pages")]
    facts += [moments(table["last_at"])]
    facts += [_values(table[name]) for name in ("rows", "snapshot_date")]
    facts += [moments(table[name]) for name in ("tried_at", "missed_at")]
    facts += [_values(table["is_outdated"])]
    for unit, reason, *others in zip(_units(table), _values(table["reason"]), *facts, strict=True):
        yield PlannedUnit(unit, Reason(reason), *others)


def _groups_at(file: pq.ParquetFile, first: int, stop: int) -> Iterator[int]:
    """The row groups that have a position from *first* to *stop* (exclusive), by their statistics."""
    column = PLAN_SCHEMA.get_field_index("position")
    for group in range(file.num_row_groups):
        positions: Any = file.metadata.row_group(group).column(column).statistics
        if (
            positions is not None
            and positions.has_min_max
            and first <= positions.max
            and positions.min < stop
        ):
            yield group


def _asked_of(group: pa.Table) -> pa.Table:
    return group.filter(pc.is_in(group["reason"], value_set=_ASKED)).select(_FIT_COLUMNS)


def _kept(reason: Reason, staying: Iterator[bool]) -> Reason:
    if not reason.is_asked or next(staying):
        return reason
    return Reason.ABSENT if reason is Reason.PROBE else Reason.POSTPONED


def _with_column(table: pa.Table, name: str, values: Sequence[Any]) -> pa.Table:
    place = PLAN_SCHEMA.get_field_index(name)
    field = PLAN_SCHEMA.field(place)
    return table.set_column(place, field, pa.array(values, field.type))


def _values(column: Any) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return values
