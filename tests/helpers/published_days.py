"""Some days of an emulated organisation, published as runs publish them: what the tests of questions read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from upath import UPath

from tests.helpers.lists import COURSE_LIST, stage_list
from tests.helpers.samples import DAY, NOON, plan_of
from zoho_emulator.kinds import KINDS
from zoho_emulator.lists import Lists
from zoho_emulator.organisation import Course as TrueCourse
from zoho_emulator.organisation import Organisation
from zoho_emulator.organisation import Unit as TrueUnit
from zoho_emulator.settings import Settings
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.publishing.coverage import write_coverage
from zoho_people.publishing.lists import publish_lists
from zoho_people.publishing.publish import publish
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.zoho.page import Page

ORGANISATION = Organisation(courses=3, learners=12, seed=5, max_entities=5, changed_share=0.1)
"""Course 1 has two batches; the others have none."""

DAYS = tuple(DAY + timedelta(days=number) for number in (0, 5, 9))
NEVER_ASKED, FAILED = 2, 3
"""The numbers of the learners who are listed in the first course and never asked for, or asked in vain."""

EVERYTHING = Settings(page_size=10_000)


def publish_days(folder: Path) -> None:
    """A full run on each of :data:`DAYS`; in memory, since a disk takes its time for each small file."""
    root = UPath(f"memory://{folder.name}-{uuid4().hex}")
    _publish(root)
    root.fs.get(f"{root.path}/", str(folder), recursive=True)
    root.fs.rm(root.path, recursive=True)


def _publish(root: Any) -> None:
    for number, day in enumerate(DAYS):
        lists = Lists(ORGANISATION, EVERYTHING, (day - DAY).days)
        staged, staging = ListStaging(root, f"run-{number}"), Staging(root, f"run-{number}")
        _stage_lists(staged, lists)
        units = []
        for true in _asked():
            unit = _unit(true)
            units.append(unit)
            if _fails(true) and number:
                staging.add_outcome(unit, "failed", "Zoho answered 500", NOON + (day - DAY), "run")
            else:
                records = tuple(lists.records(true))
                staging.add_page(unit, Page(0, records, None), NOON + (day - DAY), "run")
        plan = plan_of(staging, *units)
        publish(staging, plan, day, NOON + (day - DAY))
        write_coverage(staging, plan, day, "run")
        publish_lists(staged, day)
        staging.remove()


def courses() -> Iterator[tuple[TrueCourse, int | None]]:
    """Every course without batches, and every batch."""
    for course in ORGANISATION.all_courses():
        for batch_id in course.batch_ids or (None,):
            yield course, batch_id


def learner_id(number: int) -> str:
    return str(ORGANISATION.learner_id(number))


def course_of(course: TrueCourse, batch_id: int | None) -> Course:
    return Course(str(course.course_id), None if batch_id is None else str(batch_id))


def _asked() -> Iterator[TrueUnit]:
    for course, batch_id in courses():
        for unit in ORGANISATION.units(course, batch_id):
            if not (course.index == 0 and unit.learner.index == NEVER_ASKED):
                yield unit


def _fails(unit: TrueUnit) -> bool:
    return unit.course.index == 0 and unit.learner.index == FAILED


def _unit(true: TrueUnit) -> Unit:
    return Unit(
        course_of(true.course, true.batch_id),
        str(true.learner.learner_id),
        EntityType(KINDS[true.kind.code].code),
    )


def _stage_lists(staged: ListStaging, lists: Lists) -> None:
    stage_list(staged, COURSE_LIST, *lists.courses(0)["courses"])
    staged.choose([Course(str(course.course_id)) for course in ORGANISATION.all_courses()])
    for course in ORGANISATION.all_courses():
        if course.batch_ids:
            stage_list(
                staged, BATCHES.of(Course(str(course.course_id))), *lists.batches(course, 0)["batches"]
            )
    for course, batch_id in courses():
        learners = lists.roster(course, batch_id, 0)["courseProgress"]
        stage_list(staged, COURSE_LEARNERS.of(course_of(course, batch_id)), *learners)
