from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from tests.helpers.samples import COURSE, DAY, unit
from tests.helpers.snapshots import told
from zoho_people.comparing import changes_file
from zoho_people.storage.layout import changes_file as path_of
from zoho_people.storage.schema import CHANGES_SCHEMA
from zoho_people.storage.store import Store

PATH = path_of(COURSE, DAY)
ROW = {
    "course_id": COURSE.course_id,
    "learner_id": unit(1).learner_id,
    "entity_type": "files",
    "entity_id": "e1",
    "change": "completed",
    "status_after": "Completed",
    "previous_snapshot_date": DAY,
    "dag_run_id": "first",
}


@pytest.fixture
def store(root: Any) -> Store:
    return Store(root)


def replaced(store: Store, *rows: dict[str, Any]) -> bool:
    tables = [pa.Table.from_pylist(list(rows), schema=CHANGES_SCHEMA)] if rows else []
    return changes_file.replace_changes(store, PATH, tables)


@pytest.mark.parametrize(
    ("before", "after", "is_other"),
    [
        ([], [], False),
        ([], [ROW], True),
        ([ROW], [ROW], False),
        ([ROW], [ROW | {"dag_run_id": "second"}], False),
        ([ROW], [ROW | {"status_after": None}], True),
        ([ROW], [ROW, ROW | {"entity_id": "e2"}], True),
        ([ROW], [], True),
    ],
)
def test_a_file_changes_with_what_it_tells(
    store: Store, before: list[dict[str, Any]], after: list[dict[str, Any]], is_other: bool
) -> None:
    replaced(store, *before)
    assert replaced(store, *after) is is_other
    assert [row["dag_run_id"] for row in told(store, DAY)] == [row["dag_run_id"] for row in after]


def test_a_file_that_stays_without_rows_does_not_change(store: Store) -> None:
    replaced(store, ROW)
    replaced(store)
    assert replaced(store) is False


def test_a_file_whose_rows_cannot_be_read_is_replaced(store: Store) -> None:
    replaced(store, ROW)
    content = store.read(PATH)
    store.write(PATH, content[:4] + bytes(200) + content[204:])
    assert replaced(store, ROW) is True
    assert len(told(store, DAY)) == 1
