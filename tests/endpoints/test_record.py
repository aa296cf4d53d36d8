from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_emulator.kinds import KINDS, Kind
from zoho_emulator.organisation import Organisation
from zoho_emulator.shapes import shaped
from zoho_people.endpoints.entity_id import UnusableRecord
from zoho_people.endpoints.record import read_record
from zoho_people.model.entity_type import EntityType

TESTS = EntityType.ONLINE_TESTS
BIG = 2**53 + 1


def read(fields: dict[str, Any], entity_type: EntityType = TESTS) -> dict[str, Any]:
    return read_record({"testId": 1, **fields}, entity_type)


def attributes(fields: dict[str, Any]) -> Any:
    return json.loads(read(fields)["attributes"])


def test_zohos_own_sample_fills_every_column() -> None:
    record = {
        "duration": "20 minutes",
        "userMark": 87,
        "maximumAttemptsAllowed": 1,
        "testId": 100002000000052061,
        "testMark": 100,
        "isMandatory": True,
        "testName": "Offline 2",
        "status": "completed",
    }
    assert read_record(record, EntityType.OFFLINE_TESTS) == {
        "entity_id": "100002000000052061",
        "entity_name": "Offline 2",
        "status": "completed",
        "is_mandatory": True,
        "user_mark": 87.0,
        "max_mark": 100.0,
        "maximum_attempts_allowed": 1,
        "duration": "20 minutes",
        "duration_seconds": 1200,
        "attributes": "{}",
    }


@pytest.mark.parametrize(
    ("entity_type", "kind"),
    [
        (EntityType.OFFLINE_TESTS, "test"),
        (EntityType.ONLINE_TESTS, "test"),
        (EntityType.PRE_LEARNING_TESTS, "test"),
        (EntityType.POST_LEARNING_TESTS, "test"),
        (EntityType.ASSIGNMENTS, "assignment"),
        (EntityType.FILES, "file"),
        (EntityType.CONTENTS, "content"),
        (EntityType.SESSIONS, "session"),
        (EntityType.LINKS, "link"),
        (EntityType.FEEDBACKS, "feedback"),
    ],
)
def test_every_entity_type_has_its_own_keys(entity_type: EntityType, kind: str) -> None:
    row = read_record({f"{kind}Id": "5", f"{kind}Name": "n", f"{kind}Mark": 9, "id": 6}, entity_type)
    assert (row["entity_id"], row["entity_name"], row["max_mark"]) == ("5", "n", 9.0)
    assert row["attributes"] == '{"id": 6}'


@pytest.mark.parametrize(
    ("entity_type", "key"),
    [
        (EntityType.OFFLINE_TESTS, "offlineTestId"),
        (EntityType.PRE_LEARNING_TESTS, "preLearningTestID"),
        (EntityType.POST_LEARNING_TESTS, "postTestId"),
        (EntityType.FEEDBACKS, "feedbackFormId"),
        (EntityType.FILES, "fileID"),
    ],
)
def test_a_longer_name_of_the_id_is_of_its_entity_type_alone(entity_type: EntityType, key: str) -> None:
    record = {"moduleId": 3, key: 4}
    assert read_record(record, entity_type)["entity_id"] == "4"
    with pytest.raises(UnusableRecord, match=f"'moduleId', '{key}'"):
        read_record(record, EntityType.LINKS)


def test_of_several_ids_the_entitys_own_in_zohos_spelling_comes_first() -> None:
    fields = {"id": 5, "TestID": 2, "onlineTestId": 3, "entityId": 4, "testId": 1}
    row = read_record(fields, TESTS)
    assert row["entity_id"] == "1"
    assert json.loads(row["attributes"]) == {"id": 5, "TestID": 2, "onlineTestId": 3, "entityId": 4}
    assert read_record(fields | {"testId": None}, TESTS)["entity_id"] == "2"


@pytest.mark.parametrize("entity_type", list(EntityType))
def test_another_things_id_is_never_the_entitys(entity_type: EntityType) -> None:
    record = {"name": "a", "moduleId": 2, "learnerId": 1}
    with pytest.raises(UnusableRecord, match=r"its keys that end in Id: 'moduleId'$"):
        read_record(record, entity_type)
    with pytest.raises(UnusableRecord, match=r"'moduleId', 'gradeCategoryId'$"):
        read_record(record | {"gradeCategoryId": "7"}, entity_type)


def test_the_keys_that_a_refusal_names_are_few_short_and_escaped() -> None:
    record = {f"{number}\n{'x' * 1000}Id": number for number in range(50)} | {"Ada Lovelace": 1}
    with pytest.raises(UnusableRecord) as error:
        read_record(record, TESTS)
    assert len(str(error.value)) < 400
    assert "\n" not in str(error.value)
    assert "Ada" not in str(error.value)
    assert str(error.value).endswith("…")


@pytest.mark.parametrize("value", [BIG, str(BIG), 10**18 + 1, "0012", 0, "9" * 32])
def test_an_id_keeps_every_digit(value: int | str) -> None:
    assert read_record({"testId": value}, TESTS)["entity_id"] == str(value)


@pytest.mark.parametrize(
    "key", ["entityId", "id", "onlineTestId", "TestID", "testid", "test_id", "ENTITYID", "Id"]
)
def test_an_id_is_found_under_another_key_too(key: str) -> None:
    record = {"learnerId": 1, "courseId": 2, "batchId": 3, "testId": None, key: 4}
    assert read_record(record, TESTS)["entity_id"] == "4"


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"testId": None},
        {"testId": ""},
        {"testId": "12a"},
        {"testId": -1},
        {"testId": True},
        {"testId": 1e18},
        {"testId": "٣"},
        {"testId": [1]},
        {"learnerId": 1, "courseId": 2, "batchId": 3},
        {"quizId": 1},
        {"quizId": 1, "moduleId": 2},
        {"fileId": 1},
        {"testId": 10**32},
    ],
)
def test_a_record_without_a_certain_id_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(UnusableRecord, match="no usable testId"):
        read_record(record, TESTS)


def test_what_can_not_be_json_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (math.nan, math.inf, deep, 10**5000):
        with pytest.raises(UnusableRecord, match="JSON"):
            read({"x": value})


@pytest.mark.parametrize(
    ("value", "column"),
    [
        (20, 20.0),
        (87.5, 87.5),
        ("87.5", 87.5),
        ("87.50", 87.5),
        (" 7 ", 7.0),
        ("-1", -1.0),
        ("1e2", 100.0),
        (0, 0.0),
    ],
)
def test_a_mark_is_a_number_however_it_is_written(value: object, column: float) -> None:
    row = read({"userMark": value})
    assert row["user_mark"] == column
    assert row["attributes"] == "{}"


@pytest.mark.parametrize(
    "value", ["", "N/A", "87%", "8,5", "nan", "1_0", "٣", True, [], {"a": 1}, 10**400, "9" * 99, "1e999"]
)  # fmt: skip
def test_a_mark_that_is_none_stays_to_be_looked_at(value: object) -> None:
    row = read({"userMark": value})
    assert row["user_mark"] is None
    assert json.loads(row["attributes"]) == {"userMark": value}


@pytest.mark.parametrize("value", [BIG, str(BIG), "0.10000000000000000001"])
def test_a_mark_too_fine_for_a_float_stays_exact_in_the_attributes(value: object) -> None:
    row = read({"userMark": value})
    assert row["user_mark"] == float(value)  # type: ignore[arg-type]
    assert json.loads(row["attributes"]) == {"userMark": value}


@pytest.mark.parametrize(
    ("value", "column"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("False", False),
        (1, True),
        (0, False),
        ("1", True),
        ("0", False),
    ],
)
def test_mandatory_is_yes_or_no_however_it_is_written(value: object, column: object) -> None:
    row = read({"isMandatory": value})
    assert row["is_mandatory"] is column
    assert row["attributes"] == "{}"


@pytest.mark.parametrize("value", ["yes", "", 2, 1.0, [], 10**400])
def test_mandatory_that_is_neither_stays_to_be_looked_at(value: object) -> None:
    row = read({"isMandatory": value})
    assert row["is_mandatory"] is None
    assert json.loads(row["attributes"]) == {"isMandatory": value}


@pytest.mark.parametrize(("value", "column"), [(3, 3), ("3", 3), (3.0, 3), (-1, -1), (2**31 - 1, 2**31 - 1)])
def test_attempts_are_a_whole_number(value: object, column: int) -> None:
    row = read({"maximumAttemptsAllowed": value})
    assert row["maximum_attempts_allowed"] == column
    assert type(row["maximum_attempts_allowed"]) is int
    assert row["attributes"] == "{}"


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 1.5, "unlimited", BIG, True])
def test_attempts_out_of_range_stay_to_be_looked_at(value: object) -> None:
    row = read({"maximumAttemptsAllowed": value})
    assert row["maximum_attempts_allowed"] is None
    assert json.loads(row["attributes"]) == {"maximumAttemptsAllowed": value}


@pytest.mark.parametrize(
    ("entity_type", "fields", "column", "value"),
    [
        (EntityType.LINKS, {"linkId": 1, "isMandatoryLink": True}, "is_mandatory", True),
        (EntityType.ASSIGNMENTS, {"assignmentId": 1, "maximumMarks": 40}, "max_mark", 40.0),
        (EntityType.OFFLINE_TESTS, {"testId": 1, "marks": "25.5"}, "max_mark", 25.5),
        (EntityType.FILES, {"fileId": 1, "duration": 10}, "duration_seconds", 600),
        (EntityType.FILES, {"fileId": 1, "duration": "10"}, "duration_seconds", 600),
        (EntityType.FILES, {"fileId": 1, "duration": "10 seconds"}, "duration_seconds", 10),
        (EntityType.FILES, {"fileId": 1, "duration": 0}, "duration_seconds", 0),
    ],
)
def test_the_names_of_a_definition_are_known_in_a_progress_record_too(
    entity_type: EntityType, fields: dict[str, Any], column: str, value: object
) -> None:
    row = read_record(fields, entity_type)
    assert row[column] == value
    assert row["attributes"] == "{}"
    assert row["duration"] == (str(fields["duration"]) if "duration" in fields else None)


def test_the_names_of_a_progress_record_come_before_those_of_a_definition() -> None:
    row = read(
        {"testMark": 100, "maximumMarks": 50, "marks": 7, "isMandatory": False, "isMandatoryTest": True}
    )
    assert (row["max_mark"], row["is_mandatory"]) == (100.0, False)
    assert json.loads(row["attributes"]) == {"maximumMarks": 50, "marks": 7, "isMandatoryTest": True}


@pytest.mark.parametrize("value", [-1, True, 1.5, 10**9, 10**40, [10]])
def test_a_files_duration_that_is_no_count_of_minutes_stays_to_be_looked_at(value: object) -> None:
    row = read_record({"fileId": 1, "duration": value}, EntityType.FILES)
    assert (row["duration"], row["duration_seconds"]) == (None, None)
    assert json.loads(row["attributes"]) == {"duration": value}


@pytest.mark.parametrize("entity_type", [EntityType.CONTENTS, EntityType.ONLINE_TESTS])
def test_a_duration_without_a_unit_counts_minutes_of_files_alone(entity_type: EntityType) -> None:
    row = read_record({"id": 1, "duration": "10"}, entity_type)
    assert (row["duration"], row["duration_seconds"]) == ("10", None)


@pytest.mark.parametrize("field", ["testName", "status", "duration", "userMark", "testMark", "isMandatory"])
def test_a_null_is_a_null_in_its_column(field: str) -> None:
    row = read({field: None})
    assert row["attributes"] == "{}"
    assert {value for column, value in row.items() if column not in ("entity_id", "attributes")} == {None}


@pytest.mark.parametrize("field", ["testName", "status", "duration"])
def test_what_should_be_text_and_is_not_stays_to_be_looked_at(field: str) -> None:
    assert attributes({field: 600}) == {field: 600}
    assert attributes({field: {"en": "x"}}) == {field: {"en": "x"}}


def test_a_name_is_found_under_another_key_and_the_rest_stays() -> None:
    row = read({"testName": 5, "name": "n", "title": "t"})
    assert row["entity_name"] == "n"
    assert row["attributes"] == '{"testName": 5, "title": "t"}'


def test_fields_without_a_column_stay_in_zohos_order_and_exact() -> None:
    fields = {"z": BIG, "a": [{"ü": None}], "m": 0.1, "big": 10**40}
    assert read(fields)["attributes"] == (f'{{"z": {BIG}, "a": [{{"ü": null}}], "m": 0.1, "big": {10**40}}}')


def test_control_characters_and_long_names_are_only_text() -> None:
    name = 'a\0b\n\r\x1b[31m"../\\' + "x" * 100_000
    assert read({"testName": name})["entity_name"] == name


def test_half_a_surrogate_pair_is_replaced_in_the_column_and_kept_in_the_attributes() -> None:
    row = read({"testName": "a\ud800b", "x\udfff": "😀"})
    assert row["entity_name"] == "a\ufffdb"
    assert json.loads(row["attributes"]) == {"testName": "a\ud800b", "x\udfff": "😀"}
    row["attributes"].encode()


def test_the_record_itself_is_left_as_it_was() -> None:
    record = {"testId": 1, "userMark": 5}
    read_record(record, TESTS)
    assert record == {"testId": 1, "userMark": 5}


ORGANISATION = Organisation(courses=3, learners=3)


@pytest.fixture(params=[each.code for each in KINDS])
def emulated(request: pytest.FixtureRequest) -> list[tuple[Kind, dict[str, Any]]]:
    """What the emulator has of one entity type."""
    return [
        (unit.kind, record)
        for course in ORGANISATION.all_courses()
        for batch_id in course.batch_ids or (None,)
        for unit in ORGANISATION.units(course, batch_id)
        if unit.kind.code == request.param
        for record in ORGANISATION.records(unit)
    ]


def test_a_record_with_the_names_of_a_definition_fills_the_same_columns(
    emulated: list[tuple[Kind, dict[str, Any]]],
) -> None:
    for kind, record in emulated:
        entity_type = EntityType(kind.code)
        expected = read_record(record, entity_type)
        row = read_record(shaped(record, kind, "definition"), entity_type)
        for column in ("entity_id", "entity_name", "is_mandatory", "user_mark", "max_mark"):
            assert row[column] == expected[column]
        assert row["duration_seconds"] is not None or entity_type is not EntityType.FILES
        assert {"moduleId", "gradeCategoryId"} <= set(json.loads(row["attributes"]))


def test_a_record_that_has_only_its_modules_id_is_refused(
    emulated: list[tuple[Kind, dict[str, Any]]],
) -> None:
    for kind, record in emulated:
        with pytest.raises(UnusableRecord, match="'moduleId'"):
            read_record(shaped(record, kind, "module-only"), EntityType(kind.code))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["testId", "id", "testName", "name", "status", "duration", "userMark", "testMark", "maxMark", "isMandatory",
     "maximumAttemptsAllowed", "x"]
)  # fmt: skip


@given(st.dictionaries(FIELDS, JSON | st.integers(0, 10**19)))
def test_whatever_zoho_sends_is_in_a_column_or_in_the_attributes(record: dict[str, Any]) -> None:
    try:
        row = read_record(record, TESTS)
    except UnusableRecord:
        return
    rest = json.loads(row["attributes"])
    assert all(rest[key] == record[key] for key in rest)
    gone = [key for key in record if key not in rest]
    values = [str(value) for column, value in row.items() if column != "attributes" and value is not None]
    assert len([key for key in gone if record[key] is not None]) <= len(values)
    assert row["attributes"].encode()
