from __future__ import annotations

from typing import Any

import pytest

from zoho_people.zoho.answer import Answer
from zoho_people.zoho.errors import UnexpectedAnswer
from zoho_people.zoho.page import PageRequest
from zoho_people.zoho.paging import next_start_index

TWO: list[dict[str, Any]] = [{"id": "1"}, {"id": "2"}]


def after(records: list[dict[str, Any]], **body: Any) -> int | None:
    """Where the page goes on that has *records* from 200 on, in an answer with *body* beside them."""
    return next_start_index(Answer(200, body), records, 200)


def test_a_page_is_asked_for_by_its_first_record() -> None:
    assert PageRequest("/x", 200, {"a": "1"}).query == {"a": "1", "startIndex": 200}


@pytest.mark.parametrize("more", [True, "true", "True"])
def test_the_next_page_begins_behind_the_last_record(more: object) -> None:
    assert after(TWO, hasMoreRecords=more) == 202


@pytest.mark.parametrize("more", [False, "false"])
def test_the_last_page_has_no_next(more: object) -> None:
    assert after(TWO, hasMoreRecords=more) is None
    assert after([], hasMoreRecords=more) is None


def test_where_zoho_does_not_say_more_is_asked_for_until_an_empty_page() -> None:
    assert after(TWO) == 202
    assert after([]) is None


def test_an_empty_page_with_a_next_one_would_never_end() -> None:
    with pytest.raises(UnexpectedAnswer, match="an empty page at startIndex 200"):
        after([], hasMoreRecords=True)


@pytest.mark.parametrize("more", [1, "yes", [], {}])
def test_neither_true_nor_false_is_refused(more: object) -> None:
    with pytest.raises(UnexpectedAnswer, match="hasMoreRecords is"):
        after(TWO, hasMoreRecords=more)
