"""Whatever Zoho sends: it becomes rows of the learner who was asked for, or an error that has a name."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.samples import NOON
from zoho_people.endpoints.progress import of_unit
from zoho_people.endpoints.rows import MalformedRecord, staged_page
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.zoho.answer import Answer
from zoho_people.zoho.body import parse_object
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import ZohoError
from zoho_people.zoho.page import read_page

UNIT = Unit(Course("100002000000039001"), "100002000000045011", EntityType.ONLINE_TESTS)
OTHER = "100002000000045012"


def rows_of(body: bytes, *, http_status: int = 200, unit: Unit = UNIT) -> pa.Table | None:
    """The rows that *body* becomes, None where it is refused by name."""
    try:
        value = parse_object(body, Bounds(), http_status=http_status)
        page = read_page(Answer(http_status, value), of_unit(unit).request(0))
        return staged_page(of_unit(unit), page, NOON, "run")
    except (ZohoError, MalformedRecord):
        return None


def assert_right(table: pa.Table | None, body: bytes) -> None:
    """Only rows of the contract, and none from an answer about somebody else."""
    if table is None:
        return
    table.validate(full=True)
    assert table.schema.equals(PROGRESS_SCHEMA)
    assert set(table["learner_id"].to_pylist()) <= {UNIT.learner_id}
    assert None not in table["entity_id"].to_pylist()
    for attributes in table["attributes"].to_pylist():
        assert isinstance(json.loads(attributes), dict)
    told = json.loads(body).get("learnerId")
    assert told is None or str(told) == UNIT.learner_id


TEXTS = st.text(st.characters(codec=None), max_size=12) | st.sampled_from(  # halves of surrogate pairs, too
    ["200", "7209", "true", "NaN", "1e400", "-0.0", "10 minutes", UNIT.learner_id, OTHER, "\ud800", "9" * 40]
)
NUMBERS = (
    st.integers()
    | st.floats()
    | st.sampled_from([10**32, 10**400, -(2**63), 2**53 + 1, int(UNIT.learner_id), int(OTHER), -0.0, 5e-324])
)
KEYS = TEXTS | st.sampled_from(
    [
        "code",
        "errorCode",
        "error",
        "errors",
        "response",
        "message",
        "learnerProgress",
        "hasMoreRecords",
        "learnerId",
        "entityType",
        "testId",
        "testName",
        "status",
        "isMandatory",
        "userMark",
        "testMark",
        "maximumAttemptsAllowed",
        "duration",
        "id",
        "entityId",
        "someId",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(KEYS, values, max_size=6),
    max_leaves=25,
)
RECORD: dict[str, Any] = {
    "testId": "100002000000050001",
    "testName": "Exam",
    "status": "Completed",
    "isMandatory": True,
    "userMark": 7.5,
    "testMark": 10,
    "maximumAttemptsAllowed": 3,
    "duration": "10 minutes",
    "more": {"nested": [1, 2.5, None]},
}
VALID: dict[str, Any] = {
    "code": 200,
    "learnerId": UNIT.learner_id,
    "entityType": 1,
    "learnerProgress": [RECORD, {"testId": 100002000000050002}],
    "hasMoreRecords": False,
}


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A valid body of which some values, anywhere, are replaced, removed or joined by others."""
    body = json.loads(json.dumps(VALID))
    for _ in range(draw(st.integers(1, 4))):
        node: Any = body
        while isinstance(node, (dict, list)) and node:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], (dict, list)) and node[key] and draw(st.booleans()):
                node = node[key]
                continue
            action = draw(st.sampled_from(["replace", "remove", "add"]))
            if action == "replace":
                node[key] = draw(JSON)
            elif action == "remove":
                del node[key]
            elif isinstance(node, dict):
                node[draw(KEYS)] = draw(JSON)
            else:
                node.append(draw(JSON))
            break
    return body


def test_a_valid_body_becomes_rows() -> None:
    table = rows_of(json.dumps(VALID).encode())
    assert table is not None
    assert table["entity_id"].to_pylist() == ["100002000000050001", "100002000000050002"]


@given(JSON, st.sampled_from([200, 200, 400, 401, 404, 429, 500, 599]))
def test_any_json_becomes_rows_or_a_named_error(value: Any, http_status: int) -> None:
    body = json.dumps(value).encode()
    assert_right(rows_of(body, http_status=http_status), body)


@given(st.dictionaries(KEYS, JSON, max_size=8), st.lists(st.dictionaries(KEYS, JSON, max_size=8), max_size=3))
@example({}, [{"testId": 5, "testName": "\ud800", "\udfff": "\ud83d"}])
def test_any_records_become_rows_or_a_named_error(
    around: dict[str, Any], records: list[dict[str, Any]]
) -> None:
    body = json.dumps({**around, "learnerProgress": records}).encode()
    assert_right(rows_of(body), body)


@given(mutated())
@example({**VALID, "learnerId": int(OTHER)})
@example({**VALID, "learnerId": [UNIT.learner_id]})
@example({**VALID, "learnerId": f"{UNIT.learner_id} "})
def test_a_valid_body_that_was_tampered_with_becomes_rows_or_a_named_error(value: Any) -> None:
    body = json.dumps(value).encode()
    assert_right(rows_of(body), body)


@given(mutated(), st.data())
def test_a_body_that_was_cut_off_or_garbled_becomes_rows_or_a_named_error(value: Any, data: Any) -> None:
    body = bytearray(json.dumps(value).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, len(body) - 1)))
        length = data.draw(st.integers(0, 8))
        body[at : at + length] = data.draw(st.binary(max_size=4))
    assert_right(rows_of(bytes(body)), bytes(body))


@given(st.binary(max_size=300))
def test_any_bytes_become_rows_or_a_named_error(body: bytes) -> None:
    assert_right(rows_of(body), body)


def test_a_record_that_names_another_learner_is_refused() -> None:
    for foreign in (OTHER, int(OTHER)):
        body = {**VALID, "learnerProgress": [{**RECORD, "learnerId": foreign}]}
        assert rows_of(json.dumps(body).encode()) is None


def test_a_record_that_names_the_learner_who_was_asked_for_is_kept() -> None:
    for own in (UNIT.learner_id, int(UNIT.learner_id)):
        body = {**VALID, "learnerProgress": [{**RECORD, "learnerId": own}]}
        table = rows_of(json.dumps(body).encode())
        assert table is not None
        assert table.num_rows == 1
