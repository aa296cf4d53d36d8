"""Zoho's answers with less in them: what says who a learner is goes before anything is kept or logged.

Under pseudonyms a learner's own id is here and in the URL of a request, and nowhere behind that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from zoho_people.endpoints.course_learners import PERSON_KEYS, figures
from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.rows import fingerprint
from zoho_people.fetching.page_fetch import PageSource
from zoho_people.model.pseudonyms import Pseudonyms
from zoho_people.model.unit import Course
from zoho_people.zoho.errors import TemporaryFailure, ZohoError, error_from_facts
from zoho_people.zoho.page import Page, Record

T = TypeVar("T")

_LEARNER_ID = "learnerId"
_NAME_OF_AN_ENTITY = "name"
"""In a progress record that is the entity's, not the learner's."""

_LONG_NUMBER = re.compile(r"[0-9]{8,32}", re.ASCII)
"""What may be an id in a text. Zoho's have 15 digits and more."""


@dataclass(frozen=True)
class _Less:
    """Pages of *source* with less in them."""

    source: PageSource

    @property
    def answered_at(self) -> float | None:
        """When the last request ended."""
        return self.source.answered_at

    def stop(self, why: str) -> None:
        """Keep every task from sending."""
        self.source.stop(why)


@dataclass(frozen=True)
class FewerFields(_Less):
    """Lists of which no more is kept of a learner than the id, and the fingerprint of the whole record."""

    def read_page(self, resource: Resource, start_index: int) -> Page:
        """A page of *resource*; where each record is about a learner without the records' content."""
        page = self.source.read_page(resource, start_index)
        if not resource.endpoint.lists_learners:
            return page
        return replace(
            page, records=tuple({} for _ in page.ids), fingerprints=tuple(map(fingerprint, page.records))
        )


@dataclass(frozen=True)
class UnderPseudonyms(_Less):
    """Pages whose learners have pseudonyms; without names, and without ids in errors.

    With *keeps_figures* a roster's items keep how far each learner is, else nothing.
    """

    pseudonyms: Pseudonyms
    keeps_figures: bool = True

    def read_page(self, resource: Resource, start_index: int) -> Page:
        """A page of *resource*, whose learner, or each record's, has a pseudonym."""
        pseudonym = resource.learner_id
        own = resource if pseudonym is None else self._with_own_id(resource, pseudonym)
        page = self._ask(resource.course, lambda: self.source.read_page(own, start_index))
        if pseudonym is not None:
            records = (_without_person(record, own.learner_id or "", pseudonym) for record in page.records)
            return replace(page, records=tuple(records))
        if not resource.endpoint.lists_learners:
            return page
        kept: Iterable[Record] = map(figures, page.records) if self.keeps_figures else ({} for _ in page.ids)
        return replace(
            page,
            ids=tuple(map(self.pseudonyms.of, page.ids)),
            records=tuple(kept),
            fingerprints=tuple(map(self.pseudonyms.fingerprint, page.records)),
        )

    def _with_own_id(self, resource: Resource, pseudonym: str) -> Resource:
        return replace(resource, learner_id=self.pseudonyms.learner_id(pseudonym))

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
