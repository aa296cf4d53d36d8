"""A week of an emulated organisation: the changes of every day are those of its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from upath import UPath

from tests.helpers.company import JOINS_ON, LEAVES_ON, TYPES, Company, Week, course_of
from tests.helpers.samples import DAY
from zoho_emulator.organisation import Organisation
from zoho_emulator.organisation import Unit as TrueUnit
from zoho_emulator.records import Record
from zoho_people.comparing.snapshot_comparison import SnapshotComparison
from zoho_people.model.policy import Policy
from zoho_people.model.unit import Unit
from zoho_people.storage.layout import changes_file
from zoho_people.storage.store import Store

pytestmark = pytest.mark.component

DAYS, LEARNERS = 7, 8
FAILS_ON = 4
Entity = tuple[str, str | None, str | None, str, str]
Values = tuple[str | None, float | None]


class Restless(Organisation):
    """An organisation in which a third changes each day, and whoever changes loses or gets an entity, too."""

    __slots__ = ()

    def records(self, unit: TrueUnit, *, day: int = 0) -> list[Record]:
        records = super().records(unit, day=day)
        return records[self.changed_on(unit.course, unit.learner, day=day) % 2 :]


@pytest.fixture
def week(tmp_path: Path) -> Iterator[Week]:
    path = UPath(f"memory://{tmp_path.name}")
    organisation = Restless(courses=3, learners=LEARNERS, seed=11, changed_share=0.35, max_entities=6)
    yield Week(Company(organisation), str(path), Policy())
    path.fs.rm(path.path, recursive=True)


def units(week: Week) -> list[Unit]:
    """Every unit of the company, whoever is there."""
    organisation = week.company.organisation
    return [
        Unit(course_of(true.course_id, batch_id), str(organisation.learner_id(index)), entity_type)
        for true, batch_id in week.company.parts()
        for index in organisation.learners_of(true, batch_id)
        for entity_type in TYPES
    ]


def known_days(week: Week, unit: Unit, failing: Unit) -> dict[int, int]:
    """The days whose snapshots know the unit, and the day of the records that each then has."""
    first, *_, last = (str(week.company.organisation.learner_id(each)) for each in range(LEARNERS))
    days = {day: day for day in range(DAYS)}
    if (
        unit.learner_id == first
    ):  # gone: on the first day without, the snapshot still has what was there before
        days = {day: min(day, LEAVES_ON - 1) for day in days if day <= LEAVES_ON}
    if unit.learner_id == last:
        days = {day: day for day in days if day >= JOINS_ON}
    if unit == failing:
        del days[FAILS_ON]
    return days


def values(week: Week, unit: Unit, day: int) -> dict[str, Values]:
    """Status and mark of the unit's entities, straight from Zoho's records."""
    true = week.company.true_unit(unit)
    found = {}
    for record in week.company.organisation.records(true, day=day):
        mark = record.get("userMark")
        found[str(record[true.kind.id_field])] = (
            record.get("status"),
            None if mark is None else float(mark),
        )
    return found


def changes_on(week: Week, unit: Unit, day: int) -> bool:
    """Whether the unit's records change on *day* and not on the next one."""
    before, then, after = (values(week, unit, each) for each in (day - 1, day, day + 1))
    return before != then == after


def expected(week: Week, on: int, failing: Unit) -> Counter[tuple[Any, ...]]:
    """The changes of a day as a person would find them: by laying two lists beside each other."""
    rows: Counter[tuple[Any, ...]] = Counter()
    for unit in units(week):
        known = known_days(week, unit, failing)
        earlier = [day for day in known if day < on]
        if on not in known or not earlier:
            continue
        before, after = values(week, unit, known[earlier[-1]]), values(week, unit, known[on])
        for entity in before.keys() | after.keys():
            was, now = before.get(entity), after.get(entity)
            if was != now:
                values_of = (*(was or (None, None)), *(now or (None, None)))
                day = DAY + timedelta(days=earlier[-1])
                rows[(*_names(unit), entity, _kind(was, now), *values_of, day)] += 1
    return rows


def _names(unit: Unit) -> tuple[str, str | None, str, str]:
    return unit.course.course_id, unit.course.batch_id, unit.learner_id, unit.entity_type.label


def _kind(was: Values | None, now: Values | None) -> str:
    if was is None or now is None:
        return "added" if was is None else "gone"
    done_before, done_after = ((status or "").lower() == "completed" for status in (was[0], now[0]))
    if done_before != done_after:
        return "completed" if done_after else "reopened"
    return "mark_changed" if was[1] != now[1] else "status_changed"


COLUMNS = (
    "course_id",
    "batch_id",
    "learner_id",
    "entity_type",
    "entity_id",
    "change",
    "status_before",
    "mark_before",
    "status_after",
    "mark_after",
    "previous_snapshot_date",
)


def found(week: Week, day: date) -> Counter[tuple[Any, ...]]:
    store, rows = Store(week.root), Counter[tuple[Any, ...]]()
    for true, batch_id in week.company.parts():
        path = changes_file(course_of(true.course_id, batch_id), day)
        if store.exists(path):
            table = pq.read_table(pa.BufferReader(store.read(path)))
            rows.update(zip(*(table[name].to_pylist() for name in COLUMNS), strict=True))
    return rows


def test_the_changes_of_every_day_are_those_of_the_records(week: Week) -> None:
    failing = next(unit for unit in reversed(units(week)) if changes_on(week, unit, FAILS_ON))
    kinds: Counter[str] = Counter()
    for on in range(DAYS):
        week.run(on, failing if on == FAILS_ON else None)
        report = SnapshotComparison(Store(week.root), "run").compare(week.today)
        told = found(week, week.today)
        assert told == expected(week, on, failing), week.today
        assert report.failures == []
        assert sum(report.by_change.values()) == told.total()
        kinds.update(report.by_change)
    assert min(kinds[kind] for kind in ("added", "gone", "completed", "reopened", "mark_changed")) > 5, kinds
