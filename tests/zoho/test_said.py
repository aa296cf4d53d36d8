from __future__ import annotations

import pytest

from zoho_people.zoho.said import said, stated_wait_s


@pytest.mark.parametrize(
    ("words", "wait_s"),
    [
        ("Try again after 22 minutes.", 1_320.0),
        ("try again after  22  Minutes", 1_320.0),
        ("Please retry in 1 hour 20 minutes", 4_800.0),
        ("in 1 hour, 20 mins and 5 secs", 4_805.0),
        ("wait 90s", 90.0),
        ("wait another 90 sec.", 90.0),
        ("retry after about 2 hrs", 7_200.0),
        ("after 1.5 hours", 5_400.0),
        ("blocked for 5 min", 300.0),
        ("30 requests in 1 minute are allowed; try again after 22 minutes", 1_320.0),
        ("try again after 22 minutes; 30 requests in 1 minute are allowed", 1_320.0),
        ("after 999999 hours", 86_400.0),
        ("after some time", None),
        ("after 3 items", None),
        ("for 5 months", None),
        ("after 500 ms", None),
        ("in 5 modules", None),
        ("after 0 minutes", None),
        ("22 minutes", None),
        ("after ٢٢ minutes", None),
        ("", None),
    ],
)
def test_the_wait_that_words_state(words: str, wait_s: float | None) -> None:
    assert stated_wait_s(words) == wait_s


def test_a_long_text_costs_no_time() -> None:
    assert stated_wait_s("after " + "1 h " * 250_000) == 3 * 3_600.0
    assert stated_wait_s("after 1 " * 100_000) is None


def test_the_first_code_that_is_an_error_is_the_code() -> None:
    what = said({"code": 200, "errors": [{"code": "INNER", "message": "m"}], "error_code": "OUTER"})
    assert (what.code, what.codes) == ("INNER", ("INNER", "200", "OUTER"))


def test_a_text_that_is_said_twice_is_shown_once() -> None:
    assert said({"message": "twice", "error": {"message": "twice"}}).text == "twice"


def test_learners_records_are_not_searched_for_words() -> None:
    assert said({"learnerProgress": [{"title": "Jane"}], "learnerName": "Jane"}).text == ""
