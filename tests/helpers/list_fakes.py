"""An organisation behind the hook, as far as its lists go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.helpers.counts import MemoryCounts
from tests.helpers.fakes import Clock
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES, COURSES
from zoho_people.endpoints.endpoint import Resource
from zoho_people.model.unit import Course
from zoho_people.shared.ledger import DailyLedger
from zoho_people.zoho.errors import CourseNotFound, ZohoError
from zoho_people.zoho.page import Page

COURSE_LIST = COURSES.of()


@dataclass
class Organisation:
    """Answers each request for a list with a page of it, after ``takes_s``; with 404 for one it does not have.

    ``disturbed`` has an error for the requests with these numbers, from 0; one without HTTP status comes at
    once, since nothing is sent. ``asked`` has the list and start index of each request, ``states`` the state that
    the list was narrowed to, ``sent_at`` when those that were sent were, ``ended_at`` when. Other
    tasks' requests leave room from ``room_at`` on. ``meanwhile`` happens while a request is on its way.
    """

    clock: Clock
    page_size: int = 2
    takes_s: float = 0.5
    window_s: float = 60.0
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    disturbed: dict[int, BaseException] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    states: list[str | None] = field(default_factory=list)
    sent_at: list[float] = field(default_factory=list)
    ended_at: list[float] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    answered_at: float | None = None
    room_at: float = 0.0
    ledger: DailyLedger = field(default_factory=lambda: DailyLedger(MemoryCounts()))
    meanwhile: Callable[[], None] = lambda: None

    def have(self, asked: Resource, *items: Any) -> None:
        """Have a list of *items*: objects, or ids alone."""
        self.lists[str(asked)] = [
            item if isinstance(item, dict) else {asked.endpoint.id_keys[0]: item} for item in items
        ]

    def have_course(self, course_id: str, *learners: Any) -> None:
        """Have a self-paced course."""
        self.lists.setdefault(str(COURSE_LIST), []).append({"courseId": course_id, "type": 1})
        self.have(COURSE_LEARNERS.of(Course(course_id)), *learners)

    def have_blended(self, course_id: str, **learners_of: list[int]) -> None:
        """Have a blended course; the names of its batches are ``b`` and the id."""
        self.lists.setdefault(str(COURSE_LIST), []).append({"courseId": course_id, "type": 2})
        batches = {name.removeprefix("b"): learners for name, learners in learners_of.items()}
        self.have(BATCHES.of(Course(course_id)), *batches)
        for batch_id, learners in batches.items():
            self.have(COURSE_LEARNERS.of(Course(course_id, batch_id)), *learners)

    def reserve(self, at: float) -> float:
        return max(at, self.room_at)

    def read_page(self, asked: Resource, start_index: int) -> Page:
        self.answered_at = None
        error = self.disturbed.get(len(self.asked))
        self.asked.append((str(asked), start_index))
        self.states.append(asked.state)
        self.meanwhile()
        if not isinstance(error, ZohoError) or error.http_status is not None:
            self.sent_at.append(self.clock.now)
            self.clock.now += self.takes_s
            self.answered_at = self.clock.now
            self.ended_at.append(self.clock.now)
        if error is not None:
            raise error
        if str(asked) not in self.lists:
            raise CourseNotFound("Zoho answered HTTP 404", http_status=404)
        return self._page(asked, start_index)

    def _page(self, asked: Resource, start: int) -> Page:
        items = tuple(self.lists[str(asked)][start : start + self.page_size])
        more = start + self.page_size < len(self.lists[str(asked)])
        ids = tuple(str(item[asked.endpoint.id_keys[0]]) for item in items)
        return Page(start, items, start + len(items) if more else None, ids)

    def stop(self, why: str) -> None:
        self.stopped.append(why)

    def prepare(self) -> None:
        """Everything is at hand."""

    @property
    def settings(self) -> Any:
        return SimpleNamespace(window_s=self.window_s)
