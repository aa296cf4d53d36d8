from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.samples import COURSE, DAY, unit
from tests.helpers.snapshots import Said, fetched, told, write_day
from zoho_people.comparing.snapshot_comparison import DayChanges, SnapshotComparison
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.storage.layout import changes_file, coverage_folder, progress_file
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.storage.store import Store

ADA, BOB = unit(1), unit(2)
OPEN, DONE = ("In progress", None), ("Completed", 80.0)
TODAY = DAY + timedelta(days=3)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def store(object_store: Any) -> Store:
    return Store(object_store)


def compare(store: Store, on: date, run_id: str = "asset_triggered__1") -> DayChanges:
    return SnapshotComparison(store, run_id).compare(on)


def shown(rows: list[dict[str, Any]]) -> list[tuple[str, str, str, date]]:
    return [
        (row["learner_id"], row["entity_id"], row["change"], row["previous_snapshot_date"]) for row in rows
    ]


def test_a_change_is_told_with_what_was_before_and_what_is_now(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN)}, day(0))
    write_day(store, {ADA: fetched(e1=DONE)}, day(1))
    found = compare(store, day(1))
    assert told(store, day(1)) == [
        {
            "course_id": COURSE.course_id,
            "batch_id": None,
            "learner_id": "1",
            "entity_type": "online_tests",
            "entity_id": "e1",
            "entity_name": "name of e1",
            "change": "completed",
            "status_before": "In progress",
            "status_after": "Completed",
            "mark_before": None,
            "mark_after": 80.0,
            "previous_snapshot_date": day(0),
            "dag_run_id": "asset_triggered__1",
        }
    ]
    courses = {COURSE: Counter(completed=1)}
    assert found == DayChanges(day(1), courses, Counter({day(0): 1}), learners={"1"}, files_changed=1)


def test_the_rows_of_a_batch_are_told_by_type_learner_and_entity(store: Store) -> None:
    batch = Course("5", "6")
    units = [
        unit(learner, batch, kind) for kind in (EntityType.FILES, EntityType.LINKS) for learner in (2, 1)
    ]
    write_day(store, {each: fetched(e2=OPEN, e3=OPEN) for each in units}, day(0))
    write_day(store, {each: fetched(e1=OPEN, e3=DONE) for each in units}, day(1))
    compare(store, day(1))
    rows = told(store, day(1), batch)
    assert {(row["course_id"], row["batch_id"]) for row in rows} == {("5", "6")}
    assert [(row["entity_type"], row["learner_id"], row["entity_id"], row["change"]) for row in rows] == [
        (kind, learner, entity, change)
        for kind in ("files", "links")
        for learner in ("1", "2")
        for entity, change in (("e1", "added"), ("e2", "gone"), ("e3", "completed"))
    ]


def test_the_first_snapshot_has_nothing_to_be_compared_with(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=DONE)}, day(0))
    assert compare(store, day(0)) == DayChanges(day(0), first_seen=1)
    assert not store.exists(changes_file(COURSE, day(0)))


def test_a_snapshot_without_changes_makes_no_file(store: Store) -> None:
    for number in (0, 1):
        write_day(store, {ADA: fetched(e1=DONE)}, day(number))
    assert compare(store, day(1)) == DayChanges(day(1), compared=Counter({day(0): 1}))
    assert store.names("changes") == []


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("fetched", "fetched", ["gone"]),
        ("carried_forward", "fetched", ["gone"]),
        ("fetched", "empty", ["gone"]),
        ("fetched", "type_absent", ["gone"]),
        ("fetched", "left", []),
        ("fetched", "not_found", []),
        ("fetched", "forbidden", []),
        ("fetched", "failed", []),
        ("left", "fetched", []),
        ("not_found", "fetched", []),
        ("forbidden", "fetched", []),
        ("failed", "fetched", []),
    ],
)
def test_only_what_both_coverages_know_is_compared(
    store: Store, before: str, after: str, changes: list[str]
) -> None:
    write_day(store, {ADA: Said(before, {"e1": OPEN})}, day(0))
    write_day(store, {ADA: Said(after, {}), BOB: fetched(e1=OPEN)}, day(1))
    compare(store, day(1))
    assert [row["change"] for row in told(store, day(1))] == changes


@pytest.mark.parametrize("before", ["empty", "type_absent"])
def test_the_first_rows_of_a_unit_that_had_none_are_added(store: Store, before: str) -> None:
    write_day(store, {ADA: Said(before, {})}, day(0))
    write_day(store, {ADA: fetched(e1=DONE)}, day(1))
    compare(store, day(1))
    assert shown(told(store, day(1))) == [("1", "e1", "added", day(0))]


@pytest.mark.parametrize("between", ["failed", "left", "not_found", "forbidden", None])
def test_a_unit_is_compared_with_the_last_day_that_knew_it(store: Store, between: str | None) -> None:
    write_day(store, {ADA: fetched(e1=OPEN), BOB: fetched(e1=OPEN)}, day(0))
    write_day(store, {BOB: fetched(e1=OPEN), **({ADA: Said(between)} if between else {})}, day(1))
    write_day(store, {ADA: fetched(e1=DONE), BOB: fetched(e1=DONE)}, day(2))
    found = compare(store, day(2))
    assert shown(told(store, day(2))) == [("1", "e1", "completed", day(0)), ("2", "e1", "completed", day(1))]
    assert found.compared == {day(1): 1, day(0): 1}


def test_rows_that_stand_in_for_an_answer_are_told_when_there_is_one(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN)}, day(0))
    write_day(store, {ADA: Said("failed", {"e1": OPEN})}, day(1))
    found = compare(store, day(1))
    assert (told(store, day(1)), found.unknown) == ([], 1)


def test_a_unit_that_no_snapshot_in_reach_knew_is_as_good_as_new(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN), BOB: fetched(e1=OPEN)}, day(0))
    for number in range(1, 15):
        write_day(store, {BOB: fetched(e1=OPEN)}, day(number))
    write_day(store, {ADA: fetched(e1=DONE), BOB: fetched(e1=DONE)}, day(15))
    found = compare(store, day(15))
    assert shown(told(store, day(15))) == [("2", "e1", "completed", day(14))]
    assert found.first_seen == 1


def test_what_any_run_of_the_day_knows_is_known(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN)}, day(0))
    write_day(store, {ADA: fetched(e1=DONE)}, day(1))
    write_day(store, {ADA: Said("failed")}, day(1), run="second")
    found = compare(store, day(1))
    assert [row["change"] for row in told(store, day(1))] == ["completed"]
    assert found.unknown == 0


def test_comparing_once_more_replaces_what_was_told_as_a_whole(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN), BOB: fetched(e1=OPEN)}, day(0))
    write_day(store, {ADA: fetched(e1=DONE)}, day(1))
    compare(store, day(1), "first")
    write_day(store, {ADA: fetched(e1=OPEN), BOB: fetched(e1=DONE)}, day(1))
    compare(store, day(1), "second")
    rows = told(store, day(1))
    assert shown(rows) == [("2", "e1", "completed", day(0))]
    assert {row["dag_run_id"] for row in rows} == {"second"}


def test_a_file_whose_changes_vanish_stays_without_rows(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN)}, day(0))
    write_day(store, {ADA: fetched(e1=DONE)}, day(1))
    compare(store, day(1))
    write_day(store, {ADA: fetched(e1=OPEN)}, day(1))
    assert compare(store, day(1)).by_course == {}
    assert store.exists(changes_file(COURSE, day(1)))
    assert told(store, day(1)) == []


OTHER = Unit(Course("9"), "1", EntityType.FILES)


def with_two_courses(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN), OTHER: fetched(e1=OPEN)}, day(0))
    write_day(store, {ADA: fetched(e1=DONE), OTHER: fetched(e1=DONE)}, day(1))


def assert_only_the_other_is_told(store: Store, why: str) -> None:
    found = compare(store, day(1))
    [failure] = found.failures
    assert why in failure
    assert found.by_course == {OTHER.course: Counter(completed=1)}
    assert len(told(store, day(1), OTHER.course)) == 1


@pytest.mark.parametrize("number", [0, 1])
def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(store: Store, number: int) -> None:
    with_two_courses(store)
    path = progress_file(EntityType.ONLINE_TESTS, COURSE, day(number))
    store.write(path, store.read(path)[:-20])
    assert_only_the_other_is_told(store, f"{path} can't be read")
    assert told(store, day(1)) == []


def test_a_file_of_somebody_elses_is_named(store: Store) -> None:
    with_two_courses(store)
    path = progress_file(EntityType.ONLINE_TESTS, COURSE, day(0))
    with store.replacing(path) as temporary:
        pq.write_table(pa.table({"learner_id": ["1"]}), temporary)
    assert_only_the_other_is_told(store, f"{path} was not written by this project")


def test_a_file_that_coverage_counts_rows_in_must_be_there(store: Store) -> None:
    with_two_courses(store)
    path = progress_file(EntityType.ONLINE_TESTS, COURSE, day(1))
    store.delete(path)
    assert_only_the_other_is_told(store, f"{path} is not there")


@pytest.mark.parametrize("content", [b"no parquet", None])
def test_a_file_in_the_place_of_changes_is_left_alone_and_named(store: Store, content: bytes | None) -> None:
    with_two_courses(store)
    path = changes_file(COURSE, day(1))
    with store.replacing(path) as temporary:
        if content is None:
            pq.write_table(PROGRESS_SCHEMA.empty_table(), temporary)
        else:
            temporary.write_bytes(content)
    before = store.read(path)
    assert_only_the_other_is_told(store, path)
    assert store.read(path) == before


@pytest.mark.parametrize("number", [0, 1])
def test_a_coverage_that_cannot_be_read_is_named_and_nothing_is_guessed(store: Store, number: int) -> None:
    with_two_courses(store)
    path = f"{coverage_folder(day(number))}/run-second.parquet"
    store.write(path, b"no parquet")
    found = compare(store, day(1))
    assert set(found.failures) == {f"{path} can't be read ({_why(store, path)}); restore it or move it away"}
    assert store.names("changes") == []


def _why(store: Store, path: str) -> Exception:
    with pytest.raises(pa.ArrowInvalid) as error:
        pq.ParquetFile(pa.BufferReader(store.read(path)))
    return error.value


def test_what_was_told_against_rows_that_are_not_kept_any_more_stays(store: Store) -> None:
    write_day(store, {ADA: fetched(e1=OPEN), BOB: fetched(e1=OPEN)}, day(0))
    write_day(store, {BOB: fetched(e1=OPEN)}, day(1))
    write_day(store, {ADA: fetched(e1=DONE), BOB: fetched(e1=DONE)}, day(2))
    compare(store, day(2), "first")
    before = told(store, day(2))
    store.delete(progress_file(EntityType.ONLINE_TESTS, COURSE, day(0)))
    assert compare(store, day(2), "second").lost == 1
    after = told(store, day(2))
    assert shown(after) == shown(before)
    assert [row["dag_run_id"] for row in after] == ["first", "second"]


def test_rows_that_are_not_kept_any_more_are_counted_and_added_by_nobody(store: Store) -> None:
    with_two_courses(store)
    store.delete(progress_file(EntityType.ONLINE_TESTS, COURSE, day(0)))
    found = compare(store, day(1))
    assert (found.lost, found.failures, list(found.by_course)) == (1, [], [OTHER.course])
