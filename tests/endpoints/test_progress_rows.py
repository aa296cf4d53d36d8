from __future__ import annotations

import pytest

from tests.helpers.samples import COURSE, NOON, last_page, unit
from zoho_people.endpoints.progress import of_unit
from zoho_people.endpoints.rows import MalformedRecord, staged_page
from zoho_people.model.unit import Course
from zoho_people.storage.schema import PROGRESS_SCHEMA


def test_a_page_becomes_a_table_of_the_contract() -> None:
    table = staged_page(of_unit(unit()), last_page({"testId": 2}, {"testId": "1"}), NOON, "run")
    assert table.schema.equals(PROGRESS_SCHEMA)
    assert table["entity_id"].to_pylist() == ["2", "1"]
    assert set(table["course_id"].to_pylist()) == {COURSE.course_id}
    assert set(table["batch_id"].to_pylist()) == {None}
    assert set(table["learner_id"].to_pylist()) == {"7"}
    assert set(table["dag_run_id"].to_pylist()) == {"run"}


def test_the_contract_is_the_documented_one() -> None:
    assert [
        f"{field.name}: {field.type}{'' if field.nullable else ' not null'}" for field in PROGRESS_SCHEMA
    ] == [
        "course_id: string not null",
        "batch_id: string",
        "learner_id: string not null",
        "entity_id: string not null",
        "entity_name: string",
        "status: string",
        "is_mandatory: bool",
        "user_mark: double",
        "max_mark: double",
        "maximum_attempts_allowed: int32",
        "duration: string",
        "duration_seconds: int64",
        "attributes: string",
        "fetched_at: timestamp[us, tz=UTC] not null",
        "dag_run_id: string not null",
    ]


def test_a_batch_is_in_every_row() -> None:
    table = staged_page(of_unit(unit(course=Course("1", "2"))), last_page({"testId": 2}), NOON, "run")
    assert table["batch_id"].to_pylist() == ["2"]


def test_an_empty_page_is_a_table_without_rows() -> None:
    table = staged_page(of_unit(unit()), last_page(), NOON, "run")
    assert table.num_rows == 0
    assert table.schema.equals(PROGRESS_SCHEMA)


def test_ids_beyond_a_floats_reach_stay_exact_among_nulls() -> None:
    ids = [2**53 + 1, str(2**53 + 3), 10**18 + 7]
    records = [{"testId": test_id, "userMark": None} for test_id in ids]
    records[1]["userMark"] = 5
    table = staged_page(of_unit(unit()), last_page(*records), NOON, "run")
    assert table["entity_id"].to_pylist() == [str(test_id) for test_id in ids]


def test_a_malformed_record_is_named_by_its_place_and_not_quoted() -> None:
    page = last_page({"testId": 1}, {"testId": "Ada Lovelace", "userMark": 3}, start=25)
    with pytest.raises(MalformedRecord) as caught:
        staged_page(of_unit(unit()), page, NOON, "run")
    assert str(caught.value).startswith(
        f"{of_unit(unit())}: record 26 can't be stored: it has no usable testId"
    )
    assert "Ada" not in str(caught.value)
