"""What the tests of lists share: pages of courses, batches and learners, and short ways to stage them."""

from __future__ import annotations

from typing import Any

from tests.helpers.samples import RUN_ID, at
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES, COURSES
from zoho_people.endpoints.endpoint import Resource
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.page_files import StagedProgress
from zoho_people.zoho.page import Page

COURSE_LIST = COURSES.of()


def page_of(asked: Resource, *items: Any, start: int = 0, more: bool = False) -> Page:
    """A page of *items*: objects, or ids alone."""
    whole = tuple(item if isinstance(item, dict) else {asked.endpoint.id_keys[0]: item} for item in items)
    keys = asked.endpoint.id_keys
    ids = tuple("/".join(str(item[key]) for key in keys if key in item) for item in whole)
    return Page(start, whole, start + len(ids) if more else None, ids)


def stage_list(staging: ListStaging, asked: Resource, *items: Any, minute: int = 0) -> StagedProgress:
    """Stage a whole list as one page."""
    return staging.add_page(asked, page_of(asked, *items), at(minute), RUN_ID)


def course_item(course_id: int | str, type_: object = 1, **more: Any) -> dict[str, Any]:
    return {"courseId": course_id, "courseName": f"course {course_id}", "type": type_, **more}


def stage_organisation(staging: ListStaging, *, minute: int = 0) -> None:
    """Course 1 is self-paced and has learners 11 and 12, course 2 has batches 21 (learner 11) and 22 (nobody)."""
    stage_list(staging, COURSE_LIST, course_item(1), course_item(2, 2), course_item(3), minute=minute)
    staging.choose([Course("1"), Course("2")])
    stage_list(staging, BATCHES.of(Course("2")), 21, 22, minute=minute)
    stage_list(staging, COURSE_LEARNERS.of(Course("1")), 12, 11, minute=minute)
    stage_list(staging, COURSE_LEARNERS.of(Course("2", "21")), 11, minute=minute)
    stage_list(staging, COURSE_LEARNERS.of(Course("2", "22")), minute=minute)


def refuse(staging: ListStaging, listed: Resource, why: str) -> None:
    """Have Zoho refuse a list."""
    staging.add_outcome(listed, "not_found", why, at(0), RUN_ID)
