"""A day's snapshot and coverage, against the emulator's truth of that day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.control import Control
from benchmarks.differences import Rows, differ
from benchmarks.week.run import Place
from tests.emulated.journey import KINDS, Row, comparable, expected_row
from zoho_people.publishing.coverage import Coverage

BY_RUN = ("fetched_at", "dag_run_id")
"""What a row has from its run and not from Zoho."""

UnitKey = tuple[str, str | None, str, str]
"""Course, batch, learner, entity type."""


@dataclass
class Truth:
    """What the emulator has on a day: its units, and of each learner in a course the records, as hashes."""

    units: set[UnitKey] = field(default_factory=set)
    records: dict[Place, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, units: Iterable[Mapping[str, Any]]) -> dict[tuple[Any, ...], str]:
        """Take *units* of one entity type in; the right rows of each, by key."""
        right = {}
        for unit in units:
            course_id, learner_id = unit["course_id"], unit["learner_id"]
            self.units.add((course_id, unit["batch_id"], learner_id, KINDS[unit["entity_type"]][0]))
            for record in unit["records"]:
                key, cells = _keyed(expected_row(dict(unit), record))
                right[key] = cells
                self.records[course_id, learner_id].add(hash(cells))
        return right


@dataclass(frozen=True)
class Seen:
    """What a day showed: how many rows there are, how they differ, and the truth that they were held to."""

    rows: int
    differences: Rows
    truth: Truth


def look(control: Control, output: Path, day: date) -> Seen:
    """Compare every row of the snapshot of *day* with today's truth, an entity type at a time."""
    truth, differences, count = Truth(), Rows(), 0
    codes = {label: code for code, (label, _) in enumerate(KINDS)}
    folders = {path.name.partition("=")[2] for path in (output / "learner_progress").glob("entity_type=*")}
    for label in sorted(codes.keys() | folders):
        units = control.true_units(entity_type=codes[label]) if label in codes else []
        found = [_keyed(row) for row in _rows(output, label, day)]
        differences += differ(truth.add(units), found)
        count += len(found)
    return Seen(count, differences, truth)


def uncovered(coverage: Coverage, truth: Truth) -> dict[str, int]:
    """How many units are not in the coverage exactly once, are nobody's, or could not be had."""
    columns = ("learner_id", "entity_type")
    times = Counter(
        (course.course_id, course.batch_id, *unit)
        for course, table in coverage.courses(*columns)
        for unit in zip(*(table[name].to_pylist() for name in columns), strict=True)
    )
    return {
        "absent": len(truth.units - times.keys()),
        "doubled": times.total() - len(times),
        "nobody's": len(times.keys() - truth.units),
        "missing": len(list(coverage.missing())),
        "postponed": coverage.postponed,
    }


def _rows(output: Path, label: str, day: date) -> Iterator[Row]:
    folder = output / "learner_progress" / f"entity_type={label}" / f"snapshot_date={day:%Y-%m-%d}"
    for path in sorted(folder.glob("*")):
        with pq.ParquetFile(path) as file:
            names = [name for name in file.schema_arrow.names if name not in BY_RUN]
            yield from (row | {"entity_type": label} for row in file.read(columns=names).to_pylist())


def _keyed(row: Row) -> tuple[tuple[Any, ...], str]:
    """A row's key, and all of its cells in one notation."""
    key = tuple(row[name] for name in ("course_id", "batch_id", "learner_id", "entity_id"))
    return key, comparable([row])[0]
