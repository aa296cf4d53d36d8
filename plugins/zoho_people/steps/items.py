"""What ``fetch`` is mapped over: an item for each task, with what it fetches and what the grid calls it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from zoho_people.model.run_xcoms import FetchItem, Request, UnitsOfPlan
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.plan_file import PlanFile
from zoho_people.steps.course_titles import CourseTitles


def plan_items(
    plan: PlanFile, request: Request, titles: CourseTitles, units: int, per_task: int
) -> Iterator[FetchItem]:
    """The *units* that *plan* asks for, *per_task* to an item. Each task reads all items: they are kept small."""
    # What comes with the plan no task has to ask Airflow's API for.
    item = FetchItem(
        output_path=request.output_path,
        requests_per_window=request.slots,
        deferrable=None if request.may_defer else False,
    )
    if per_task == 1:
        yield from (_named(item, unit, titles) for unit in plan.to_fetch(0, units))
        return
    by_course = plan.to_fetch_by_course()
    for first in range(0, units, per_task):
        count = min(per_task, units - first)
        name = titles.of_several(_courses_of(by_course, first, first + count))
        yield replace(item, planned=UnitsOfPlan(first=first, count=count), course_name=name)


def _named(item: FetchItem, unit: Unit, titles: CourseTitles) -> FetchItem:
    course, title = str(unit.course), titles.of(unit.course)
    return replace(
        item,
        course=course,
        learner_id=unit.learner_id,
        entity_type=unit.entity_type.label,
        course_name=None if title == course else title,
    )


def _courses_of(by_course: list[tuple[Course, int]], first: int, stop: int) -> list[Course]:
    """The courses that have units at positions *first* to *stop* (exclusive) of those that are fetched."""
    found, begin = [], 0
    for course, count in by_course:
        if begin < stop and first < begin + count:
            found.append(course)
        begin += count
    return found
