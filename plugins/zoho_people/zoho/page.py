"""A page of records: the request for it, and what its answer holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zoho_people.model.unit import id_digits
from zoho_people.zoho.answer import Answer, raise_for_error, refuse_other, said_instead, says_none
from zoho_people.zoho.errors import UnexpectedAnswer
from zoho_people.zoho.paging import MORE, START, next_start_index

Record = Mapping[str, Any]

_NO_LIST = {"code", MORE, "message", "status"}
"""The keys under which null is no empty list: there Zoho says how it went, and whether more follows."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The request for one page, and what an answer to it looks like.

    The records are the list under ``records_key``. Where that is empty, they are the one list whose records carry
    the first of ``id_keys``, whatever its own key. ``id_keys`` are the keys of the ids that together tell records
    apart; the first has to be there.

    ``repeats`` is what the answer and its records may say once more, ``answer_repeats`` what the answer alone may:
    with another value there it answers another question.
    """

    path: str
    start_index: int
    params: Mapping[str, str] = field(default_factory=dict)
    records_key: str = ""
    id_keys: tuple[str, ...] = ()
    repeats: Mapping[str, str] = field(default_factory=dict)
    answer_repeats: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, Any]:
        """The parameters of the URL."""
        return {**self.params, START: self.start_index}


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to a request for a page.

    ``records`` are Zoho's own, untouched: integers of any size as ``int``, finite decimals as ``float``, other
    JSON as it is. ``next_start_index`` is where the next page begins, None on the last. ``ids`` are the records'
    ids as text in the same order, where the request says under which keys they are. ``fingerprints`` are those of
    Zoho's records where ``records`` are less than these, else None.
    """

    start_index: int
    records: tuple[Record, ...]
    next_start_index: int | None
    ids: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] | None = None

    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.next_start_index is not None


def read_page(answer: Answer, request: PageRequest) -> Page:
    """The page in *answer* to *request*.

    :raises ZohoError: the one that says what to do next, see :mod:`zoho_people.zoho.errors`.
    """
    raise_for_error(answer)
    if says_none(answer):
        return Page(request.start_index, (), None)
    records = _records(answer, request.records_key) if request.records_key else _list(answer, request)
    ids = tuple(_id(answer, request, record) for record in records) if request.id_keys else ()
    for key, asked in request.repeats.items():
        for said in (answer, *(Answer(answer.http_status, record) for record in records)):
            refuse_other(said, key, asked)
    for key, asked in request.answer_repeats.items():
        refuse_other(answer, key, asked)
    following = next_start_index(answer, records, request.start_index)
    return Page(request.start_index, records, following, ids)


def _records(answer: Answer, records_key: str) -> tuple[Record, ...]:
    records = answer.body.get(records_key, ...)
    if records is None and "code" in answer.body:
        return ()
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UnexpectedAnswer(
            f"the answer has no list of records under {records_key}{said_instead(answer)}",
            http_status=answer.http_status,
        )
    return tuple(records)


def _list(answer: Answer, request: PageRequest) -> tuple[Record, ...]:
    """The one list in *answer* whose records carry the id."""
    id_key = request.id_keys[0]
    found = [records for records in _lists(answer.body) if _carries(records, id_key)]
    if len(found) == 1:
        return tuple(found[0])
    if found or not _is_empty(answer.body):
        count = "more than one list" if found else "no list"
        raise UnexpectedAnswer(
            f"the answer has {count} whose items carry {id_key}{said_instead(answer)}",
            http_status=answer.http_status,
        )
    return ()


def _lists(body: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The lists in *body*, and in the objects right below it."""
    for value in body.values():
        if isinstance(value, list):
            yield value
        elif isinstance(value, Mapping):
            yield from (inner for inner in value.values() if isinstance(inner, list))


def _carries(records: list[Any], id_key: str) -> bool:
    return any(isinstance(record, Mapping) and id_key in record for record in records)


def _is_empty(body: Mapping[str, Any]) -> bool:
    """Whether *body* tells of an empty list: one that is there, or null where Zoho says of itself how it went."""
    lists = list(_lists(body))
    if lists:
        return not any(lists)
    return "code" in body and any(value is None for key, value in body.items() if key not in _NO_LIST)


def _id(answer: Answer, request: PageRequest, record: object) -> str:
    """The record's id: the digits under each of the keys, with a slash between them."""
    values = [record.get(key) for key in request.id_keys] if isinstance(record, Mapping) else [None]
    digits = [id_digits(value) for value in values]
    if not digits[0] or any(
        value is not None and not each for value, each in zip(values, digits, strict=True)
    ):
        raise UnexpectedAnswer(
            f"an item of the answer has no usable {' or '.join(request.id_keys)}",
            http_status=answer.http_status,
        )
    return "/".join(filter(None, digits))
