"""How Zoho's pages follow each other: by the record that each begins with. Their size is Zoho's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zoho_people.zoho.answer import Answer
from zoho_people.zoho.errors import UnexpectedAnswer
from zoho_people.zoho.said import printable

START, MORE = "startIndex", "hasMoreRecords"
"""Which record a page begins with, counted from 0, and whether others follow it."""

_TOLD = {True: True, False: False, "true": True, "false": False}


def next_start_index(answer: Answer, records: Sequence[Mapping[str, Any]], start_index: int) -> int | None:
    """Where the page after *records* begins, which began at *start_index*; None where they were the last.

    Where Zoho does not say whether more follow, more is asked for until an empty page comes.

    :raises UnexpectedAnswer: when it says so neither by true nor by false, and when an empty page has a next one.
    """
    if not _has_more(answer, records):
        return None
    if not records:
        raise UnexpectedAnswer(
            f"Zoho sent an empty page at {START} {start_index} and says that more records follow",
            http_status=answer.http_status,
        )
    return start_index + len(records)


def _has_more(answer: Answer, records: Sequence[Mapping[str, Any]]) -> bool:
    more = answer.body.get(MORE)
    if more is None:
        return bool(records)
    folded = more.lower() if isinstance(more, str) else more
    if not isinstance(folded, (str, bool)) or folded not in _TOLD:
        raise UnexpectedAnswer(
            f"the answer's {MORE} is {printable(more, limit=40)}", http_status=answer.http_status
        )
    return _TOLD[folded]
