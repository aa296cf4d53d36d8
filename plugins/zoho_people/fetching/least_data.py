"""Zoho's answers with less in them: what says who a learner is goes before anything is kept or logged.

Under pseudonyms a learner's own id is here and in the URL of a request, and nowhere behind that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from zoho_people.fetching.list_fetch import ListSource
from zoho_people.fetching.unit_fetch import PageSource
from zoho_people.model.pseudonyms import Pseudonyms
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import mark_of
from zoho_people.staging.list_rows import PERSON_KEYS, figures
from zoho_people.zoho.errors import TemporaryFailure, ZohoError, error_from_facts
from zoho_people.zoho.lists import Item, ListPage, ZohoList
from zoho_people.zoho.page import ProgressPage

T = TypeVar("T")

_LEARNER_ID = "learnerId"
_NAME_OF_AN_ENTITY = "name"
"""In a progress record that is the entity's, not the learner's."""

_LONG_NUMBER = re.compile(r"[0-9]{8,32}", re.ASCII)
"""What may be an id in a text. Zoho's have 15 digits and more."""


class FullSource(PageSource, ListSource, Protocol):
    """What the hook is to the sources here."""


@dataclass(frozen=True)
class FewerFields:
    """Lists of which no more is kept of a learner than the id, and the fingerprint of the whole record."""

    source: ListSource

    @property
    def answered_at(self) -> float | None:
        """When the last request ended."""
        return self.source.answered_at

    def stop(self, why: str) -> None:
        """Keep every task from sending."""
        self.source.stop(why)

    def get_list_page(self, asked: ZohoList, start_index: int) -> ListPage:
        """A page of the list *asked*; of a roster without the items' content."""
        page = self.source.get_list_page(asked, start_index)
        if asked.id_key != _LEARNER_ID:
            return page
        return replace(page, items=tuple({} for _ in page.ids), marks=tuple(map(mark_of, page.items)))


@dataclass(frozen=True)
class UnderPseudonyms:
    """Pages whose learners have pseudonyms; without names, and without ids in errors.

    With *keeps_figures* a roster's items keep how far each learner is, else nothing.
    """

    source: FullSource
    pseudonyms: Pseudonyms
    keeps_figures: bool = True

    @property
    def answered_at(self) -> float | None:
        """When the last request ended."""
        return self.source.answered_at

    def stop(self, why: str) -> None:
        """Keep every task from sending."""
        self.source.stop(why)

    def get_page(
        self, course_id: str, batch_id: str | None, learner_id: str, entity_type: str, start_index: int
    ) -> ProgressPage:
        """A page of the progress of the learner whose pseudonym is *learner_id*."""
        own = self.pseudonyms.learner_id(learner_id)
        page = self._ask(
            Course(course_id, batch_id),
            lambda: self.source.get_page(course_id, batch_id, own, entity_type, start_index),
        )
        records = tuple(_without_person(record, own, learner_id) for record in page.records)
        return replace(page, records=records)

    def get_list_page(self, asked: ZohoList, start_index: int) -> ListPage:
        """A page of the list *asked*; a roster's under pseudonyms."""
        page = self._ask(asked.of, lambda: self.source.get_list_page(asked, start_index))
        if asked.id_key != _LEARNER_ID:
            return page
        items: tuple[Item, ...] = tuple(figures(item) if self.keeps_figures else {} for item in page.items)
        return replace(
            page,
            ids=tuple(map(self.pseudonyms.of, page.ids)),
            items=items,
            marks=tuple(map(self.pseudonyms.fingerprint, page.items)),
        )

    def _ask(self, course: Course | None, send: Callable[[], T]) -> T:
        """Send; an error comes out as one whose text has no learner's id, and behind which there is no other."""
        try:
            return send()
        except ZohoError as error:
            failure = error_from_facts(error.facts() | {"message": self._without_ids(error.message, course)})
        except Exception as error:  # noqa: BLE001 (its text may have an id, so its traceback is not logged)
            failure = TemporaryFailure(f"the request failed: {_place(error)}")
        raise failure

    def _without_ids(self, text: str, course: Course | None) -> str:
        """*text* with a pseudonym for every number that is as long as an id and not the course's."""
        known = () if course is None else (course.course_id, course.batch_id)
        return _LONG_NUMBER.sub(
            lambda match: match[0] if match[0] in known else self.pseudonyms.of(match[0]), text
        )


def _without_person(record: Mapping[str, Any], own: str, pseudonym: str) -> dict[str, Any]:
    """*record* without the learner's names, addresses and id, at any depth."""
    return {
        _in_value(key, own, pseudonym): _in_value(value, own, pseudonym)
        for key, value in record.items()
        if key != _LEARNER_ID and (key not in PERSON_KEYS or key == _NAME_OF_AN_ENTITY)
    }


def _in_value(value: Any, own: str, pseudonym: str) -> Any:
    if isinstance(value, Mapping):
        return _without_person(value, own, pseudonym)
    if isinstance(value, list):
        return [_in_value(each, own, pseudonym) for each in value]
    if isinstance(value, str) and _LONG_NUMBER.fullmatch(own):
        return value.replace(own, pseudonym)
    is_own = isinstance(value, int) and not isinstance(value, bool) and value == int(own)
    return pseudonym if is_own else value


def _place(error: Exception) -> str:
    """The kind of *error*, and where it came up."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
