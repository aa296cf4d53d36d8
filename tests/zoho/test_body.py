from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.zoho.body import MAX_DEPTH, parse_object
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import TemporaryFailure, UnexpectedAnswer


def parse(text: str | bytes) -> dict[str, object]:
    return parse_object(text.encode() if isinstance(text, str) else text, Bounds(), http_status=200)


def refusal(text: str | bytes) -> UnexpectedAnswer:
    with pytest.raises(UnexpectedAnswer) as error:
        parse(text)
    assert error.value.http_status == 200
    return error.value


@given(st.integers())
def test_an_integer_of_any_size_is_exact(number: int) -> None:
    value = parse(json.dumps({"id": number}))["id"]
    assert value == number
    assert type(value) is int


@given(
    st.dictionaries(
        st.text(), st.none() | st.booleans() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
    )
)
def test_an_object_is_what_it_was(value: dict[str, object]) -> None:
    assert parse(json.dumps(value)) == value


@pytest.mark.parametrize("literal", ["1e400", "-1e400", "1.5e999999999"])
def test_a_number_beyond_a_float_stays_text(literal: str) -> None:
    assert parse(f'{{"mark": {literal}}}') == {"mark": literal}


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_refused(literal: str) -> None:
    assert refusal(f'{{"mark": {literal}}}').message == "the answer has an impossible number"


def test_an_integer_too_long_to_be_read_is_refused() -> None:
    assert refusal(f'{{"id": {"9" * 5000}}}').message == "the answer has an impossible number"


def nested(depth: int) -> str:
    """An object that holds *depth* - 1 lists within each other."""
    return '{"a": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


def test_an_answer_as_deep_as_allowed_is_read() -> None:
    assert list(parse(nested(MAX_DEPTH))) == ["a"]


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_000, 200_000])
def test_an_answer_nested_too_deep_is_refused(depth: int) -> None:
    assert refusal(nested(depth)).message == "the answer is nested too deep"


def test_objects_count_as_depth_like_lists() -> None:
    deep = '{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)
    assert refusal(deep).message == "the answer is nested too deep"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[]", "list"),
        ('"text"', "str"),
        ("5", "int"),
        ("1.5", "float"),
        ("true", "bool"),
        ("null", "NoneType"),
    ],
)
def test_json_that_is_no_object_is_refused(text: str, kind: str) -> None:
    assert refusal(text).message == f"the answer is a JSON {kind}, no object"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty body of 0 bytes"),
        (b"  \n", "an empty body of 3 bytes"),
        (b"<html>secret sign-in</html>", "HTML of 27 bytes"),
        (b" \n<!DOCTYPE html>", "HTML of 17 bytes"),
        (b'{"learnerProgress": [{"testId": "1', "a broken body of 34 bytes"),
        (b'{"a": 1} trailing', "a broken body of 17 bytes"),
        (b'{"a": "\xff\xfe"}', "a broken body of 11 bytes"),
        (b"\x00\x01\x02\x03", "a broken body of 4 bytes"),
        (b"plain words", "a broken body of 11 bytes"),
    ],
)
def test_what_is_not_json_may_be_asked_for_again(body: bytes, what: str) -> None:
    with pytest.raises(TemporaryFailure) as error:
        parse_object(body, Bounds(), http_status=503)
    assert error.value.message == f"the answer is not JSON but {what}"
    assert error.value.http_status == 503


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@given(st.binary(max_size=200))
def test_no_bytes_end_in_another_error(body: bytes) -> None:
    with suppress(TemporaryFailure, UnexpectedAnswer):
        assert isinstance(parse(body), dict)
