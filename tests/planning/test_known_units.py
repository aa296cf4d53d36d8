from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.samples import COURSE, DAY, NOON, TESTS, known_of, known_units, write_known
from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.unit import Course
from zoho_people.planning.known_units import ROW_GROUP_ROWS, read_state, write_state
from zoho_people.storage.layout import state_file
from zoho_people.storage.store import Store

STATE = {
    TESTS: {
        "10": Known("fetched", 3, 60, NOON + timedelta(microseconds=1), "ab" * 16, DAY, None, missed_at=NOON),
        "9": Known("failed", tried_at=NOON + timedelta(hours=1)),
    },
    EntityType.LINKS: {"9": Known("type_absent", since=NOON)},
}


OTHER = Course("1")


@pytest.fixture
def store(root: Any) -> Store:
    return Store(root)


def test_what_is_written_is_read_back(store: Store) -> None:
    write_known(store, COURSE, STATE)
    assert known_of(store) == STATE


def test_courses_and_batches_are_apart(store: Store) -> None:
    write_known(store, COURSE, STATE)
    assert read_state(store, Course(COURSE.course_id, "1")) == {}


def test_it_is_no_part_of_any_dataset() -> None:
    assert state_file(Course("12", "34")) == "_state/course-12-batch-34.parquet"


def test_nothing_is_known_where_nothing_was_known_units(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_state(store, COURSE) == {}
    assert caplog.records == []


def damaged(content: bytes) -> bytes:
    return content[:40] + b"\xff" * 40 + content[80:]


@pytest.mark.parametrize(
    "spoil", [lambda _: b"", lambda _: b"no parquet at all", lambda all_: all_[:-9], damaged]
)
def test_a_damaged_file_is_nothing_known_and_a_warning(
    store: Store, caplog: pytest.LogCaptureFixture, spoil: Any
) -> None:
    write_known(store, COURSE, STATE)
    store.write(state_file(COURSE), spoil(store.read(state_file(COURSE))))
    with caplog.at_level(logging.WARNING):
        assert read_state(store, COURSE) == {}
    assert state_file(COURSE) in caplog.text
    write_known(store, COURSE, STATE)
    assert known_of(store) == STATE


@pytest.mark.parametrize("later", ["tried_at", "missed_at"])
def test_a_file_of_before_there_was_a_column_is_read(store: Store, later: str) -> None:
    write_known(store, COURSE, STATE)
    with store.open(state_file(COURSE)) as source:
        table: pa.Table = pq.read_table(source).drop_columns([later])
    with store.replacing(state_file(COURSE)) as temporary:
        pq.write_table(table, temporary)
    expected = {
        kind: {learner: replace(known, **{later: None}) for learner, known in states.items()}  # type: ignore[arg-type]
        for kind, states in STATE.items()
    }
    assert known_of(store) == expected


def test_what_is_known_of_one_type_changes_no_other(store: Store) -> None:
    write_known(store, COURSE, STATE)
    known = {"1": Known("failed"), "9": Known("empty", 1, 0, NOON, "mark", DAY)}
    for kind in (TESTS, EntityType.FILES):
        write_state(store, COURSE, read_state(store, COURSE) | {kind: known_units(kind, known)})
        assert known_of(store) == STATE | {kind: known}
        write_known(store, COURSE, STATE)


def test_a_file_is_the_same_however_it_came_to_be(store: Store) -> None:
    write_known(store, COURSE, STATE)
    content = store.read(state_file(COURSE))
    for kind, states in reversed(STATE.items()):
        write_state(store, OTHER, read_state(store, OTHER) | {kind: known_units(kind, states)})
    assert store.read(state_file(OTHER)) == content


@pytest.mark.parametrize("root", ["memory"], indirect=True)
def test_more_units_than_a_row_group_holds_are_read_back_in_their_order(store: Store) -> None:
    many = {f"{number:06d}": Known("fetched", rows=number) for number in range(2 * ROW_GROUP_ROWS + 5)}
    kinds = (TESTS, EntityType.LINKS)
    write_known(store, COURSE, dict.fromkeys(kinds, many))
    with store.open(state_file(COURSE)) as source:
        groups = pq.ParquetFile(source).metadata
        assert max(groups.row_group(each).num_rows for each in range(groups.num_row_groups)) <= ROW_GROUP_ROWS
    assert [list(known.items()) for known in read_state(store, COURSE).values()] == [[*many.items()]] * 2


@pytest.mark.parametrize("drop", ["learner_id", "outcome"])
def test_a_foreign_file_is_nothing_known_and_a_warning(
    store: Store, caplog: pytest.LogCaptureFixture, drop: str
) -> None:
    write_known(store, COURSE, STATE)
    with store.open(state_file(COURSE)) as source:
        table: pa.Table = pq.read_table(source).drop_columns([drop])
    with store.replacing(state_file(COURSE)) as temporary:
        pq.write_table(table, temporary)
    assert read_state(store, COURSE) == {}
    assert "can't be read" in caplog.text


def test_a_type_that_does_not_exist_is_nothing_known(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    write_known(store, COURSE, STATE)
    with store.open(state_file(COURSE)) as source:
        table: pa.Table = pq.read_table(source)
    place = table.schema.get_field_index("entity_type")
    names = pa.array(["quizzes"] * table.num_rows)
    with store.replacing(state_file(COURSE)) as temporary:
        pq.write_table(table.set_column(place, table.schema.field(place), names), temporary)
    assert read_state(store, COURSE) == {}
    assert "quizzes" in caplog.text
