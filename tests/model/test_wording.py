from __future__ import annotations

import pytest

from zoho_people.model.wording import counted, one_line, quoted


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "page", "0 pages"),
        (1, "page", "1 page"),
        (2, "page", "2 pages"),
        (1200, "unit", "1,200 units"),
    ],
)
def test_one_is_said_in_the_singular(count: int, noun: str, said: str) -> None:
    assert counted(count, noun) == said


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Safety basics", "Safety basics"),
        ("  Safety\r\n\tbasics ", "Safety basics"),
        ("\x1b[31mred\u202e\ud800", "[31mred"),
        ("12345678901234567890", "12345678901234567890"),
        ("123456789012345678901", "1234567890123456789…"),
        ("{{ 1/0 }}", "{{ 1/0 }}"),
        ("", ""),
    ],
)
def test_a_line_has_what_can_be_shown_and_no_more_than_it_may(text: str, line: str) -> None:
    assert one_line(text, most=20) == line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("mine", "'mine'"),
        (5, "5"),
        ("x" * 100, f"'{'x' * 79}…"),
        ("s3://key:secret@bucket", "'s3://…'"),
        ({"a": ["s3://key:'secret@bucket"]}, "{'a': [\"s3://…\"]}"),
        ({"a": "s3://key:secret@bucket", "b": "secret"}, "{'a': 's3://…'}"),
        ("s3://key\nsecret", "'s3://…'"),
    ],
)
def test_a_quoted_value_is_short_and_has_nothing_of_a_url_but_its_protocol(value: object, text: str) -> None:
    assert quoted(value) == text
