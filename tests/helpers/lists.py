"""What the tests of lists share: pages of courses, batches and learners, and short ways to stage them."""

from __future__ import annotations

from typing import Any

from tests.helpers.samples import RUN_ID, at
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListProgress, RosterStaging
from zoho_people.zoho.lists import ListPage, ZohoList

COURSES = ZohoList.courses()


def page_of(asked: ZohoList, *items: Any, start: int = 0, more: bool = False) -> ListPage:
    """A page of *items*: objects, or ids alone."""
    whole = tuple(item if isinstance(item, dict) else {asked.id_key: item} for item in items)
    ids = tuple(str(item[asked.id_key]) for item in whole)
    return ListPage(start, ids, whole, start + len(ids) if more else None)


def stage_list(staging: RosterStaging, asked: ZohoList, *items: Any, minute: int = 0) -> ListProgress:
    """Stage a whole list as one page."""
    return staging.add_page(asked, page_of(asked, *items), at(minute), RUN_ID)


def course_item(course_id: int | str, type_: object = 1, **more: Any) -> dict[str, Any]:
    return {"courseId": course_id, "courseName": f"course {course_id}", "type": type_, **more}


def stage_organisation(staging: RosterStaging, *, minute: int = 0) -> None:
    """Course 1 is self-paced and has learners 11 and 12, course 2 has batches 21 (learner 11) and 22 (nobody)."""
    stage_list(staging, COURSES, course_item(1), course_item(2, 2), course_item(3), minute=minute)
    staging.choose([Course("1"), Course("2")])
    stage_list(staging, ZohoList.batches("2"), 21, 22, minute=minute)
    stage_list(staging, ZohoList.roster(Course("1")), 12, 11, minute=minute)
    stage_list(staging, ZohoList.roster(Course("2", "21")), 11, minute=minute)
    stage_list(staging, ZohoList.roster(Course("2", "22")), minute=minute)
