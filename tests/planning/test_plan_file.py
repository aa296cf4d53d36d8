from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.samples import COURSE, NOON, TESTS, at, planned_of, unit, write_plan
from zoho_people.model.entity_type import EntityType
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.unit import Course
from zoho_people.planning.plan_file import ROW_GROUP_ROWS, PlanFile, PlanWriter
from zoho_people.storage.arrow_columns import ROWS_AT_A_TIME
from zoho_people.storage.layout import plan_file
from zoho_people.storage.store import Store

BATCH = Course("2", "5")


@pytest.fixture
def store(object_store: Any) -> Store:
    return Store(object_store)


def planned(learner: int, reason: Reason = Reason.NEW, course: Course = COURSE, **facts: Any) -> PlannedUnit:
    return PlannedUnit(unit(learner, course), reason, **facts)


def write(store: Store, *courses: Sequence[PlannedUnit]) -> PlanFile:
    return write_plan(store, "run", (each for units in courses for each in units))


def asked(plan: PlanFile) -> list[str]:
    """The learners asked for, in the order of their positions."""
    return [each.learner_id for each in plan.to_fetch(0, 1000)]


def days_ago(learner: int, days: int | None, *, pages: int = 1) -> PlannedUnit:
    last_at = None if days is None else NOON - timedelta(days=days)
    return planned(learner, Reason.DUE, last_at=last_at, pages=pages)


def test_what_is_written_is_read_back_course_by_course(store: Store) -> None:
    full = PlannedUnit(
        unit(1),
        Reason.CARRIED,
        fingerprint="ab" * 16,
        pages=3,
        last_at=at(7),
        rows=60,
        snapshot_date=date(2026, 1, 1),
        tried_at=at(9),
        missed_at=at(11),
        is_outdated=True,
    )
    first = [full, planned(2, Reason.NEW), planned(3, Reason.LEFT)]
    second = [PlannedUnit(unit(1, BATCH, kind), Reason.PROBE) for kind in EntityType]
    plan = write(store, first, [], second)
    assert planned_of(plan) == [(COURSE, first), (BATCH, second)]


def test_units_asked_for_have_positions_across_courses(store: Store) -> None:
    first = [planned(1), planned(2, Reason.CARRIED), planned(3, Reason.FAILED)]
    second = [planned(4, Reason.LEFT, BATCH), planned(5, Reason.FULL, BATCH), planned(6, course=BATCH)]
    plan = write(store, first, second)
    wanted = [first[0].unit, first[2].unit, second[1].unit, second[2].unit]
    assert plan.to_fetch(0, 100) == wanted
    assert [plan.to_fetch(position, 1) for position in range(5)] == [*([each] for each in wanted), []]
    assert plan.to_fetch(1, 2) == wanted[1:3]
    assert plan.to_fetch(1, 0) == []


def test_knows_how_many_units_of_each_course_are_asked_for(store: Store) -> None:
    many = [planned(10**6 + number) for number in range(ROW_GROUP_ROWS + 5)]
    plan = write(store, many, [planned(1, Reason.LEFT, Course("3"))], [planned(2, course=BATCH)])
    assert plan.to_fetch_by_course() == [(COURSE, len(many)), (BATCH, 1)]
    assert write(store).to_fetch_by_course() == []


def test_a_course_of_several_row_groups_stays_one_course(store: Store) -> None:
    units = [planned(10**6 + number) for number in range(ROW_GROUP_ROWS + 5)]
    plan = write(store, units)
    found = [[(course, kind, len(units)) for kind, units in files] for course, files in plan.courses()]
    assert found == [[(COURSE, TESTS, len(units))]]
    asked_for = plan.to_fetch(ROW_GROUP_ROWS - 1, 3)
    assert asked_for == [each.unit for each in units[ROW_GROUP_ROWS - 1 : ROW_GROUP_ROWS + 2]]


def test_counts_name_every_reason(store: Store) -> None:
    reasons = [Reason.NEW, Reason.NEW, Reason.CARRIED]
    plan = write(store, [planned(number, reason) for number, reason in enumerate(reasons)])
    assert plan.counts() == dict.fromkeys(map(str, Reason), 0) | {"new": 2, "carried": 1}


def test_only_what_costs_a_request_is_asked_for(store: Store) -> None:
    plan = write(store, [planned(number, reason) for number, reason in enumerate(Reason)])
    assert len(asked(plan)) == 7
    assert not {Reason.CARRIED, Reason.ABSENT, Reason.LEFT, Reason.POSTPONED} & {
        reason for reason in Reason if reason.is_to_fetch
    }


def test_a_plan_without_units_has_no_courses(store: Store) -> None:
    plan = write(store)
    assert planned_of(plan) == []
    assert plan.to_fetch(0, 5) == []
    assert set(plan.counts().values()) == {0}
    assert plan.fit(0) == (0, 0)


def test_the_units_of_a_file_may_be_gone_through_again_and_again(store: Store) -> None:
    units = [planned(number) for number in range(10**6, 10**6 + 2 * ROWS_AT_A_TIME + 5)]
    [(_, [(_, found)])] = write(store, units).courses()
    assert [*found] == [*found] == units
    assert len(found) == len(units)


def test_a_row_group_is_read_once_for_all_entity_types_of_its_course(store: Store) -> None:
    units = [PlannedUnit(unit(1, BATCH, kind), Reason.NEW) for kind in EntityType]
    [(_, files)] = write(store, units).courses()
    (_, first), *others = files
    assert [*first] == units[:1]
    store.delete(plan_file("run"))
    assert [each for _, some in others for each in some] == units[1:]
    assert [*first] == units[:1]


def test_there_is_no_plan_before_it_is_complete(store: Store) -> None:
    plan = PlanFile(store, "run")
    with suppress(RuntimeError), PlanWriter.opened(store, "run") as writer:
        writer.add([planned(1)])
        raise RuntimeError("on the way")
    assert not plan.exists()
    with pytest.raises(FileNotFoundError):
        plan.counts()
    assert write(store, [planned(1)]).exists()


def test_units_are_added_all_at_once_by_course_and_entity_type(store: Store) -> None:
    links = PlannedUnit(unit(1, entity_type=EntityType.LINKS), Reason.NEW)
    with PlanWriter.opened(store, "run") as writer:
        writer.add([planned(1)])
        with pytest.raises(ValueError, match="of one course at a time"):
            writer.add([planned(2)])
        with pytest.raises(ValueError, match="of one entity type"):
            writer.add([planned(1, course=BATCH), PlannedUnit(unit(1, BATCH, EntityType.LINKS), Reason.NEW)])
        writer.add([links])
        with pytest.raises(ValueError, match="of one course at a time"):
            writer.add([planned(1, course=BATCH), planned(1, course=Course("3"))])
        for others in ([planned(2, course=BATCH), planned(1, course=BATCH)], [planned(1, course=BATCH)] * 2):
            with pytest.raises(ValueError, match="in the order of their learners' ids, each once"):
                writer.add(others)
        assert writer.add([planned(1, course=BATCH)]) == 1
        with pytest.raises(ValueError, match="of one course at a time"):
            writer.add([PlannedUnit(unit(1, entity_type=EntityType.FILES), Reason.NEW)])
    assert planned_of(PlanFile(store, "run")) == [
        (COURSE, [planned(1), links]),
        (BATCH, [planned(1, course=BATCH)]),
    ]


def test_a_row_group_is_about_one_course_and_several_of_its_entity_types(store: Store) -> None:
    courses = [Course(str(number)) for number in range(1, 4)]
    units = [unit(learner, course, kind) for course in courses for kind in EntityType for learner in range(3)]
    write(store, [PlannedUnit(each, Reason.NEW) for each in units])
    with store.open("_staging/run/plan.parquet") as source, pq.ParquetFile(source) as file:
        groups = [file.read_row_group(group) for group in range(file.num_row_groups)]
    assert [set(group["course_id"].to_pylist()) for group in groups] == [{"1"}, {"2"}, {"3"}]


def test_no_row_group_is_larger_than_a_bound(store: Store) -> None:
    learners = range(10**6, 10**6 + ROW_GROUP_ROWS // 2)
    units = [unit(learner, entity_type=kind) for kind in list(EntityType)[:3] for learner in learners]
    plan = write(store, [PlannedUnit(each, Reason.NEW) for each in units])
    with store.open("_staging/run/plan.parquet") as source, pq.ParquetFile(source) as file:
        rows = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    assert rows == [ROW_GROUP_ROWS, ROW_GROUP_ROWS // 2]
    assert plan.to_fetch(0, len(units)) == units


class TestWhatFits:
    def test_is_everything_without_a_limit(self, store: Store) -> None:
        plan = write(store, [planned(1, pages=3), planned(2, Reason.CARRIED, pages=9), planned(3, pages=2)])
        before = planned_of(plan)
        assert plan.fit(None) == (5, 0)
        assert plan.fit(5) == (5, 0)
        assert planned_of(plan) == before

    def test_is_first_who_was_never_tried_and_then_who_waits_longest(self, store: Store) -> None:
        units = [days_ago(1, 1), days_ago(2, 9), days_ago(3, None)]
        for left, learners in ((3, ["1", "2", "3"]), (2, ["2", "3"]), (1, ["3"]), (0, [])):
            plan = write(store, units)
            assert plan.fit(left) == (left, 3 - left)
            assert asked(plan) == learners

    def test_is_who_changed_before_who_was_tried_since_in_vain(self, store: Store) -> None:
        tried = [planned(n, Reason.FAILED, tried_at=NOON - timedelta(days=1)) for n in range(50)]
        changed = [days_ago(n, 2) for n in range(100, 160)]
        plan = write(store, [*tried, *changed, planned(999)])
        assert plan.fit(51) == (51, 60)
        assert asked(plan) == [str(n) for n in range(100, 150)] + ["999"]

    def test_is_first_who_was_answered_longest_ago_or_tried(self, store: Store) -> None:
        facts = {1: (9, 2), 2: (3, None), 3: (None, 4), 4: (1, 5)}
        units = [
            replace(days_ago(n, last), tried_at=None if tried is None else NOON - timedelta(days=tried))
            for n, (last, tried) in facts.items()
        ]
        for left, learners in ((1, ["3"]), (2, ["2", "3"]), (3, ["1", "2", "3"])):
            plan = write(store, units)
            plan.fit(left)
            assert asked(plan) == learners

    def test_is_by_the_plans_order_among_equals(self, store: Store) -> None:
        plan = write(store, [planned(3), planned(5)], [planned(1, course=BATCH)])
        assert plan.fit(2) == (2, 1)
        assert asked(plan) == ["3", "5"]

    def test_is_learner_by_learner_of_a_course_among_equals(self, store: Store) -> None:
        kinds, courses = (TESTS, EntityType.LINKS), (COURSE, BATCH)
        units = [unit(learner, course, kind) for course in courses for kind in kinds for learner in (3, 4, 5)]
        plan = write(store, [PlannedUnit(each, Reason.NEW) for each in units])
        assert plan.fit(9) == (9, 3)
        assert plan.to_fetch(0, 9) == [*units[:6], *units[6:8], units[9]]

    def test_leaves_room_to_what_costs_less(self, store: Store) -> None:
        plan = write(store, [days_ago(1, 9), days_ago(2, 8, pages=5), days_ago(3, 7, pages=2)])
        assert plan.fit(4) == (3, 1)
        assert asked(plan) == ["1", "3"]

    def test_is_the_one_that_waits_longest_even_where_it_costs_more_than_is_left(self, store: Store) -> None:
        plan = write(store, [days_ago(1, 8), days_ago(2, 9, pages=50), days_ago(3, 7)])
        assert plan.fit(4) == (50, 2)
        assert asked(plan) == ["2"]

    def test_has_new_positions_and_postpones_the_rest_as_it_was(self, store: Store) -> None:
        units = [days_ago(number, number + 1) for number in range(4)]
        kept = planned(7, Reason.CARRIED, course=BATCH, rows=7)
        plan = write(store, units, [kept, planned(9, Reason.FAILED, BATCH, last_at=NOON - timedelta(days=9))])
        assert plan.fit(2) == (2, 3)
        assert asked(plan) == ["3", "9"]
        assert plan.to_fetch(1, 1) == [unit(9, BATCH)]
        (_, first), (_, second) = planned_of(plan)
        assert [each.reason for each in first] == ["postponed"] * 3 + ["due"]
        assert [each.last_at for each in first] == [each.last_at for each in units]
        assert second[0] == kept
        assert plan.counts()["postponed"] == 3

    def test_leaves_out_a_probe_instead_of_postponing_it(self, store: Store) -> None:
        plan = write(store, [days_ago(1, 9), planned(2, Reason.PROBE, last_at=NOON)])
        assert plan.fit(1) == (1, 0)
        assert plan.counts()["absent"] == 1

    def test_is_not_more_when_it_is_fitted_again(self, store: Store) -> None:
        plan = write(store, [days_ago(1, 9), days_ago(2, 8), days_ago(3, 7)])
        assert plan.fit(2) == (2, 1)
        assert plan.fit(1) == (1, 2)
        assert plan.fit(None) == (1, 2)


def test_day_by_day_everybody_gets_a_turn(store: Store) -> None:
    noise = random.Random(7)  # noqa: S311
    last: dict[int, int | None] = dict.fromkeys(range(10))
    pages = {learner: noise.randint(1, 7) for learner in last}
    for day in range(20):
        plan = write(
            store,
            [
                days_ago(n, None if at_day is None else day - at_day, pages=pages[n])
                for n, at_day in last.items()
            ],
        )
        plan.fit(3)
        last |= {int(learner): day for learner in asked(plan)}
    assert None not in last.values()


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 30), st.integers(1, 9)), max_size=15),
    st.integers(0, 40),
)
def test_no_unit_is_lost_and_only_the_first_may_cost_more_than_is_left(
    facts: list[tuple[int | None, int]], left: int
) -> None:
    units = [days_ago(number, days, pages=pages) for number, (days, pages) in enumerate(facts)]
    plan = write(Store("memory://fits"), units)
    requests, postponed = plan.fit(left)
    kept = asked(plan)
    assert requests <= left or len(kept) == 1
    assert len(kept) + postponed == len(units)
    assert requests == sum(facts[int(learner)][1] for learner in kept)
    assert not units or bool(kept) == bool(left)


def test_asking_reads_the_row_groups_that_have_the_positions_only(store: Store) -> None:
    """The fourth course's rows are made unreadable: whoever asks for others does not see it."""
    plan = write(store, *([planned(number, course=Course(str(number)))] for number in range(1, 5)))
    content = store.read("_staging/run/plan.parquet")
    with store.open("_staging/run/plan.parquet") as source, pq.ParquetFile(source) as file:
        column = file.metadata.row_group(3).column(0)
        begin = column.dictionary_page_offset or column.data_page_offset
        end = begin + sum(file.metadata.row_group(3).column(i).total_compressed_size for i in range(14))
    store.write("_staging/run/plan.parquet", content[:begin] + b"\xff" * (end - begin) + content[end:])
    assert [each.learner_id for each in plan.to_fetch(0, 3)] == ["1", "2", "3"]
    with pytest.raises(OSError):  # noqa: PT011
        plan.to_fetch(3, 1)
