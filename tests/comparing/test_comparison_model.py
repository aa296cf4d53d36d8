"""Whatever snapshots there are, what is told is what a person would find who lays them beside each other."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from upath import UPath

from tests.helpers.samples import DAY, unit
from tests.helpers.snapshots import Entities, Said, told, write_day
from zoho_people.comparing.snapshot_comparison import SnapshotComparison
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Unit
from zoho_people.storage.store import Store

pytestmark = pytest.mark.component

UNITS = [
    unit(learner, entity_type=kind) for learner in (1, 2, 3) for kind in (EntityType.FILES, EntityType.LINKS)
]
VALUES = st.tuples(st.sampled_from([None, "open", "completed"]), st.sampled_from([None, 0.0, 50.0]))
ENTITIES = st.dictionaries(st.sampled_from(["e1", "e2", "e3", "e4"]), VALUES, max_size=4)
KNOWN = ("fetched", "carried_forward")
SAID = st.one_of(
    st.builds(lambda entities: Said("fetched" if entities else "empty", entities), ENTITIES),
    st.builds(Said, st.sampled_from(["failed", "left", "not_found", "carried_forward"]), ENTITIES),
    st.just(Said("type_absent", {})),
)
SNAPSHOTS = st.lists(st.dictionaries(st.sampled_from(UNITS), SAID, min_size=1), min_size=2, max_size=4)

Row = tuple[str, str, str, tuple[object, ...], int]


def expected(snapshots: list[dict[Unit, Said]], on: int) -> list[Row]:
    rows = []
    for each in UNITS:
        known = [day for day in range(on + 1) if each in snapshots[day] and _is_known(snapshots[day][each])]
        if len(known) > 1 and known[-1] == on:
            before, after = (snapshots[day][each].entities or {} for day in (known[-2], on))
            rows += [
                (each.entity_type.label, each.learner_id, entity, _sides(before, after, entity), known[-2])
                for entity in sorted(before.keys() | after.keys())
                if before.get(entity) != after.get(entity)
            ]
    return sorted(rows)


def _is_known(said: Said) -> bool:
    return said.outcome in (*KNOWN, "empty", "type_absent")


def _sides(before: Entities, after: Entities, entity: str) -> tuple[object, ...]:
    nothing = (None, None)
    return (entity in before, entity in after, *before.get(entity, nothing), *after.get(entity, nothing))


@settings(max_examples=15)
@given(SNAPSHOTS, st.integers(1, 4))
def test_what_is_told_is_what_two_snapshots_show(
    snapshots: list[dict[Unit, Said]], row_group_rows: int
) -> None:
    root = UPath(f"memory://{uuid.uuid4().hex}")
    try:
        store = Store(root)
        for number, units in enumerate(snapshots):
            write_day(store, units, DAY + timedelta(days=number), row_group_rows=row_group_rows)
        for on in range(len(snapshots)):
            day = DAY + timedelta(days=on)
            assert SnapshotComparison(store, "run").compare(day).failures == []
            rows = [
                (
                    row["entity_type"],
                    row["learner_id"],
                    row["entity_id"],
                    (
                        row["change"] != "added",
                        row["change"] != "gone",
                        row["status_before"],
                        row["mark_before"],
                        row["status_after"],
                        row["mark_after"],
                    ),
                    (row["previous_snapshot_date"] - DAY).days,
                )
                for row in told(store, day)
            ]
            assert rows == expected(snapshots, on)
    finally:
        root.fs.rm(root.path, recursive=True)
