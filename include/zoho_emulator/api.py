"""The API: which call a path is, what is wrong with a request, and the answer to a good one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from zoho_emulator import answers
from zoho_emulator.answers import Answer
from zoho_emulator.kinds import KINDS
from zoho_emulator.lists import Lists
from zoho_emulator.organisation import STATES, Course, Learner, Unit

MAX_START_INDEX = 1_000_000

_COURSE = r"/courses/(?P<course_id>[^/]+)"
_BATCH = r"(?:/batches/(?P<batch_id>[^/]+))?"
_LEARNER = r"/learners/(?P<learner_id>[^/]+)"

CALLS = {
    "courses": re.compile("/api/v1/courses"),
    "batches": re.compile(f"/api/v1{_COURSE}/batches"),
    "roster": re.compile(f"/api/v1{_COURSE}{_BATCH}/course-progress"),
    "courses_of": re.compile(f"/api/v1{_LEARNER}/course-progress"),
    "progress": re.compile(f"/api/v1{_COURSE}{_BATCH}{_LEARNER}/progress"),
}


class RefusedError(Exception):
    """The request can't be answered; carries what to say."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Request:
    """One API request, as far as the API cares."""

    method: str
    path: str
    params: Mapping[str, str]
    authorization: str = ""

    @property
    def call(self) -> tuple[str, dict[str, str]]:
        """Which call it is (empty for none) and the ids in its path."""
        for name, pattern in CALLS.items():
            if found := pattern.fullmatch(self.path):
                return name, {key: value for key, value in found.groupdict().items() if value is not None}
        return "", {}


@dataclass(frozen=True, slots=True)
class Api:
    """Answers requests whose sender may ask: counting and signing in are done before."""

    lists: Lists

    def answer(self, request: Request) -> Answer:
        """The answer; an error in the configured shape when something is wrong with the request."""
        try:
            return answers.page(self.lists.settings, self._payload(request))
        except RefusedError as refused:
            return answers.refusal(self.lists.settings, refused.status, refused.code, refused.message)

    def _payload(self, request: Request) -> dict[str, object]:
        name, ids = request.call
        if not name:
            raise RefusedError(404, "URL_NOT_FOUND", "There is no such URL.")
        if request.method != "GET":
            raise RefusedError(405, "INVALID_METHOD", "The method is not allowed for this URL.")
        start = _start_index(request.params)
        if name == "courses":
            return self.lists.courses(
                start,
                course_type=request.params.get("type"),
                search=request.params.get("search"),
                state=_state(request.params),
            )
        if name == "courses_of":
            return self.lists.courses_of(self._learner(ids), start)
        course = self._course(ids)
        if name == "batches":
            return self.lists.batches(course, start)
        batch_id = _batch_id(course, ids)
        if name == "roster":
            return self.lists.roster(course, batch_id, start)
        return self.lists.progress(self._unit(request, course, batch_id, ids), start)

    def _unit(self, request: Request, course: Course, batch_id: int | None, ids: dict[str, str]) -> Unit:
        code = request.params.get("entityType")
        if not code:
            raise RefusedError(400, "INPUT_PARAMETER_MISSING", "The parameter entityType is missing.")
        if not re.fullmatch("[0-9]", code, re.ASCII):
            raise RefusedError(400, "INVALID_INPUT", "entityType must be a number from 0 to 9.")
        learner = self._learner(ids)
        if batch_id != self.lists.organisation.batch_of(course, learner):
            raise RefusedError(404, "NOT_FOUND", "Learner not found in this batch.")
        return Unit(course, batch_id, learner, KINDS[int(code)])

    def _course(self, ids: dict[str, str]) -> Course:
        course = self.lists.organisation.find_course(_number(ids["course_id"], "courseId"))
        if course is None:
            raise RefusedError(404, "NOT_FOUND", "Course not found.")
        return course

    def _learner(self, ids: dict[str, str]) -> Learner:
        learner = self.lists.organisation.find_learner(_number(ids["learner_id"], "learnerId"))
        if learner is None:
            raise RefusedError(404, "NOT_FOUND", "Learner not found.")
        return learner


def _batch_id(course: Course, ids: dict[str, str]) -> int | None:
    if "batch_id" not in ids:
        if course.batch_ids:
            raise RefusedError(400, "INVALID_INPUT", "The course is blended: its path needs a batchId.")
        return None
    batch_id = _number(ids["batch_id"], "batchId")
    if batch_id not in course.batch_ids:
        raise RefusedError(404, "NOT_FOUND", "Batch not found.")
    return batch_id


def _state(params: Mapping[str, str]) -> str | None:
    state = params.get("state")
    if state is not None and state not in STATES:
        raise RefusedError(400, "INVALID_INPUT", f"state must be one of {', '.join(STATES)}.")
    return state


def _start_index(params: Mapping[str, str]) -> int:
    start = _number(params.get("startIndex") or "0", "startIndex")
    if start > MAX_START_INDEX:
        raise RefusedError(422, "MAXIMUM_LIMIT_EXCEEDED", f"startIndex may be at most {MAX_START_INDEX}.")
    return start


def _number(text: str, name: str) -> int:
    if not re.fullmatch("[0-9]{1,19}", text, re.ASCII):
        raise RefusedError(400, "INVALID_INPUT", f"{name} must be a number.")
    return int(text)
