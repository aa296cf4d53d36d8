"""The lists of the API: courses, a course's batches, and the roster of a course or batch; page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zoho_people.model.unit import Course, id_digits
from zoho_people.zoho.answer import Answer, raise_for_error, refuse_other, said_instead, says_none
from zoho_people.zoho.errors import UnexpectedAnswer
from zoho_people.zoho.paging import MORE, beginning_at, next_start_index

Item = Mapping[str, Any]

_NO_LIST = {"code", MORE, "message", "status"}
"""The keys under which null is no empty list: there Zoho says how it went, and whether more follows."""


@dataclass(frozen=True, slots=True)
class ZohoList:
    """A list that Zoho has: its *path* below the API's base, and the key that each item's id is under.

    Made by :meth:`courses`, :meth:`batches` and :meth:`roster`. *of* is whose list it is, None for the
    organisation's courses. *state* narrows it to what is in that state, as far as Zoho heeds it.
    """

    path: str
    id_key: str
    of: Course | None = None
    state: str | None = None

    @classmethod
    def courses(cls, *, state: str | None = None) -> ZohoList:
        """The courses of the organisation, or those in one *state*."""
        return cls("/api/v1/courses", "courseId", state=state)

    @classmethod
    def batches(cls, course_id: str) -> ZohoList:
        """The batches of a course; a course that is not blended has none.

        :raises ValueError: when *course_id* is no id.
        """
        return cls(f"/api/v1/courses/{course_id}/batches", "batchId", Course(course_id))

    @classmethod
    def roster(cls, course: Course) -> ZohoList:
        """The learners of a course or batch, each with the progress in the course as a whole."""
        batch = f"/batches/{course.batch_id}" if course.batch_id else ""
        return cls(f"/api/v1/courses/{course.course_id}{batch}/course-progress", "learnerId", course)

    def query(self, start_index: int) -> dict[str, Any]:
        """The query of the request for the page that begins at *start_index*."""
        return beginning_at(start_index) | ({} if self.state is None else {"state": self.state})

    def __str__(self) -> str:
        if self.of is None:
            return "the list of courses"
        return f"the {'batches' if self.id_key == 'batchId' else 'learners'} of course {self.of}"


@dataclass(frozen=True, slots=True)
class ListPage:
    """One answer of a list.

    ``ids`` are the items' ids as digits, ``items`` Zoho's own, untouched, in the same order.
    ``next_start_index`` is where the next page begins, None on the last. ``marks`` are the fingerprints of Zoho's
    items where ``items`` are less than those, else None.
    """

    start_index: int
    ids: tuple[str, ...]
    items: tuple[Item, ...]
    next_start_index: int | None
    marks: tuple[str, ...] | None = None


def read_list(answer: Answer, asked: ZohoList, *, start_index: int) -> ListPage:
    """The page in *answer*, asked of the list *asked* from *start_index* on.

    The items are the one list in the answer whose items carry the id, whatever its key.

    :raises ZohoError: the one that says what to do next, see :mod:`zoho_people.zoho.errors`.
    """
    raise_for_error(answer)
    if says_none(answer):
        return ListPage(start_index, (), (), None)
    items = _items(answer, asked)
    ids = tuple(_id(answer, asked, item) for item in items)
    for said in (answer, *(Answer(answer.http_status, item) for item in items)):
        _refuse_others(said, asked)
    return ListPage(start_index, ids, items, next_start_index(answer, items, start_index))


def _items(answer: Answer, asked: ZohoList) -> tuple[Item, ...]:
    found = [items for items in _lists(answer.body) if _carries(items, asked.id_key)]
    if len(found) == 1:
        return tuple(found[0])
    if found or not _says_none(answer.body):
        count = "more than one list" if found else "no list"
        raise UnexpectedAnswer(
            f"the answer has {count} whose items carry {asked.id_key}{said_instead(answer)}",
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


def _carries(items: list[Any], id_key: str) -> bool:
    return any(isinstance(item, Mapping) and id_key in item for item in items)


def _says_none(body: Mapping[str, Any]) -> bool:
    """Whether *body* tells of an empty list: one that is there, or null where Zoho says of itself how it went."""
    lists = list(_lists(body))
    if lists:
        return not any(lists)
    return "code" in body and any(value is None for key, value in body.items() if key not in _NO_LIST)


def _id(answer: Answer, asked: ZohoList, item: object) -> str:
    digits = id_digits(item.get(asked.id_key)) if isinstance(item, Mapping) else ""
    if not digits:
        raise UnexpectedAnswer(
            f"an item of the answer has no usable {asked.id_key}", http_status=answer.http_status
        )
    return digits


def _refuse_others(said: Answer, asked: ZohoList) -> None:
    """What is said of another course or batch than was asked is not the answer."""
    if asked.of is None:
        return
    refuse_other(said, "courseId", asked.of.course_id)
    if asked.of.batch_id is not None:
        refuse_other(said, "batchId", asked.of.batch_id)
