from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.endpoints.duration import duration_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 minutes", 600),
        ("1 minute", 60),
        ("45 mins", 2_700),
        ("45mins.", 2_700),
        ("2 hrs", 7_200),
        ("1 hour 30 minutes", 5_400),
        ("1 Hour, 30 Minutes", 5_400),
        ("1 hour and 30 minutes", 5_400),
        ("1h30m", 5_400),
        ("1.5 hours", 5_400),
        ("1 day", 86_400),
        ("2 weeks 1 day", 1_296_000),
        ("30 secs", 30),
        ("0 minutes", 0),
        (" 10 minutes ", 600),
        ("01:30:00", 5_400),
        ("01:30", 5_400),
        ("100:00:05", 360_005),
    ],
)
def test_a_duration_that_people_write_is_understood(text: str, seconds: int) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "10", "minutes", "ten minutes", "10 parsecs", "10 minutes 5", "-10 minutes",
        "10 minutes 5 minutes", "1:2:3:4", "01:75", "1 month", "٣ minutes", None, 600, 10.0, True, [], {},
    ],
)  # fmt: skip
def test_anything_else_has_no_seconds(text: object) -> None:
    assert duration_seconds(text) is None


@pytest.mark.parametrize("piece", ["1", " ", "1 ", "1 m", "1:", "and ", "1.", "s", "\0"])
def test_a_hundred_thousand_characters_are_not_read(piece: str) -> None:
    assert duration_seconds(piece * (100_000 // len(piece))) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    seconds = duration_seconds(text)
    assert seconds is None or seconds >= 0
