"""Rosters as the emulator sends them, ids as numbers and as text, against what it knows to be true."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from tests.helpers.fakes import Clock
from zoho_emulator.api import Api, Request
from zoho_emulator.lists import Lists
from zoho_emulator.organisation import Organisation
from zoho_emulator.settings import Settings
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import COURSES
from zoho_people.endpoints.endpoint import Resource
from zoho_people.fetching.lists_of_task import ListFetch, ListsOfTask, lists_of
from zoho_people.fetching.pace import Pace
from zoho_people.model.unit import Course
from zoho_people.planning.course_choice import choose_courses
from zoho_people.planning.course_filter import CourseFilter
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.staged_lists import listed_courses, staged_courses, staged_learners
from zoho_people.zoho.answer import Answer
from zoho_people.zoho.page import Page, read_page


class Emulator:
    """The emulator's API without its server."""

    def __init__(
        self,
        organisation: Organisation,
        *,
        says_more: bool = True,
        day: int = 0,
        heeds_state: bool = True,
        no_records: str = "list",
    ) -> None:
        settings = Settings(lists_say_more=says_more, heeds_state=heeds_state, no_records_shape=no_records)
        self.api = Api(Lists(organisation, settings, day))
        self.answered_at: float | None = None
        self.requests = 0

    def read_page(self, asked: Resource, start_index: int) -> Page:
        self.requests += 1
        request = asked.request(start_index)
        params = {name: str(value) for name, value in request.query.items()}
        answer = self.api.answer(Request("GET", request.path, params))
        return read_page(Answer(answer.status, json.loads(answer.body or b"{}")), request)

    def stop(self, why: str) -> None:
        raise AssertionError(why)


def read_all(root: Path, emulator: Emulator) -> ListStaging:
    staging = ListStaging(str(root), "run-1")

    def fetch(courses: list[Course] | None) -> None:
        endpoint = COURSES if courses is None else COURSE_LEARNERS
        ListsOfTask(
            lambda: lists_of(endpoint, staging, courses=courses or (), state="published"),
            lambda listed: ListFetch(
                listed,
                source=emulator,
                staging=staging,
                pace=Pace(60.0),
                clock=Clock().time,
                dag_run_id="manual",
            ),
            staging=staging,
            count=lambda step: None,
        ).burst(1000, rejections=0)

    fetch(None)
    staging.choose(choose_courses(listed_courses(staging), [], CourseFilter()))
    fetch(staging.chosen())
    return staging


def truth(organisation: Organisation, *, state: str | None = None) -> dict[str, set[str]]:
    """The ids of the learners of each course and batch, or of those in one *state*."""
    return {
        str(Course(str(course.course_id), None if batch_id is None else str(batch_id))): {
            str(organisation.learner_id(index)) for index in organisation.learners_of(course, batch_id)
        }
        for course in organisation.all_courses()
        if state in (None, organisation.state_of(course))
        for batch_id in (course.batch_ids or (None,))
    }


def learners(staging: ListStaging) -> dict[str, dict[str, str]]:
    return {str(course): staged_learners(staging, course) for course in staged_courses(staging)}


@pytest.mark.parametrize("no_records", ["7024", "204"])
def test_a_list_ends_where_zoho_says_in_other_words_that_there_is_no_more(
    tmp_path: Path, no_records: str
) -> None:
    organisation = Organisation(courses=6, learners=25, max_entities=1)
    emulator = Emulator(organisation, says_more=False, no_records=no_records)
    found = learners(read_all(tmp_path, emulator))
    assert {course: set(marks) for course, marks in found.items()} == truth(organisation)


@pytest.mark.parametrize("says_more", [True, False])
def test_every_learner_of_every_course_and_batch_is_found(tmp_path: Path, says_more: bool) -> None:
    organisation = Organisation(courses=10, learners=60, max_entities=1)
    found = learners(read_all(tmp_path, Emulator(organisation, says_more=says_more)))
    assert any("/" in course for course in found)
    assert {course: set(marks) for course, marks in found.items()} == truth(organisation)


@pytest.mark.parametrize("heeds_state", [True, False])
def test_only_published_courses_are_read_whether_zoho_heeds_the_state_or_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, heeds_state: bool
) -> None:
    organisation = Organisation(courses=30, learners=2, max_entities=1, all_states=True)
    with caplog.at_level(logging.INFO):
        found = learners(read_all(tmp_path, Emulator(organisation, heeds_state=heeds_state)))
    assert set(found) == set(truth(organisation, state="published"))
    assert len({course.partition("/")[0] for course in found}) == 20
    assert ("the list of courses: 10 are not published" in caplog.text) is not heeds_state


def test_a_mark_changes_with_what_a_learner_does_and_only_then(tmp_path: Path) -> None:
    organisation = Organisation(courses=3, learners=40, max_entities=2)
    before, after = (
        learners(read_all(tmp_path / str(day), Emulator(organisation, says_more=True, day=day)))
        for day in (0, 1)
    )
    changed = {
        (course, learner)
        for course, marks in after.items()
        for learner, mark in marks.items()
        if mark != before[course][learner]
    }
    truly = {
        (str(course.course_id), str(organisation.learner_id(index)))
        for course in organisation.all_courses()
        for index in range(organisation.learners)
        if organisation.changed_on(course, organisation.learner_at(index), day=1) == 1
    }
    assert {(course.partition("/")[0], learner) for course, learner in changed} == truly
    assert 0 < len(truly) < 120
