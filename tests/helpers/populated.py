"""An output path in which Ada, Bob and Eve stand wherever a learner can stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa

from tests.helpers.lists import COURSE_LIST, course_item, page_of, stage_list
from tests.helpers.samples import DAY, NOON, at, plan_of, records, stage
from zoho_people.comparing.changes_file import replace_changes
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES
from zoho_people.endpoints.learner_courses import LEARNER_COURSES
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.publishing.coverage import write_coverage
from zoho_people.publishing.lists import publish_lists, publish_of_learners
from zoho_people.publishing.publish import publish
from zoho_people.staging.list_pages import ListStaging
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import changes_file
from zoho_people.storage.schema import CHANGES_SCHEMA
from zoho_people.storage.store import Store
from zoho_people.zoho.page import Page

ADA, BOB, EVE = "100002000000045011", "100002000000045012", "100002000000045013"
NAMES = {ADA: "Ada Lovelace", BOB: "Robert Bobbington", EVE: "Evelyn Ångström"}
MAILS = {ADA: "ada@example.com", BOB: "bob@example.com", EVE: "eve@example.com"}
ADAS = (ADA, NAMES[ADA], MAILS[ADA])
SELF_PACED, BATCH = Course("100002000000039001"), Course("100002000000039002", "100002000000039022")
KINDS = (EntityType.ONLINE_TESTS, EntityType.OFFLINE_TESTS)
DAYS = (DAY, DAY + timedelta(days=1))


def populate(root: Any) -> None:
    """Two complete runs on two days, one that failed on its way, changes, and what a killed process left."""
    for day in DAYS:
        staging, lists = Staging(root, f"run-{day}"), ListStaging(root, f"run-{day}")
        units = _stage(staging, lists)
        plan = plan_of(staging, *units)
        publish(staging, plan, day, NOON, row_group_rows=4)
        write_coverage(staging, plan, day, "run")
        publish_lists(lists, day)
        publish_of_learners(LEARNER_COURSES, lists, day)
        lists.remove(LEARNER_COURSES)
        staging.remove_fetched()
        lists.remove_records()
    failed, lists = Staging(root, "failed"), ListStaging(root, "failed")
    units = _stage(failed, lists)
    plan_of(failed, *units)
    open_unit = Unit(SELF_PACED, ADA, EntityType.FILES)
    failed.add_page(open_unit, Page(0, ({"fileId": 1},), 1), at(1), "run")
    failed.add_outcome(Unit(BATCH, ADA, EntityType.FILES), "failed", "Zoho is down", at(1), "run")
    later = Course("100002000000039003")
    lists.add_page(
        COURSE_LEARNERS.of(later), page_of(COURSE_LEARNERS.of(later), *_learners(), more=True), at(1), "r"
    )
    store = Store(root)
    store.write("_staging/_tmp/_0123", b"half a file with " + ADA.encode())
    store.write("_staging/failed/_tmp/_4567", b"half a file with " + NAMES[ADA].encode())
    changes = [_change(ADA, "completed"), _change(BOB, "reopened")]
    replace_changes(
        store,
        changes_file(SELF_PACED, DAYS[1]),
        [pa.Table.from_pylist(changes, schema=CHANGES_SCHEMA)],
    )


def _change(learner_id: str, change: str) -> dict[str, Any]:
    return {
        "course_id": SELF_PACED.course_id,
        "learner_id": learner_id,
        "entity_type": KINDS[0].label,
        "entity_id": "1",
        "entity_name": "Safety",
        "change": change,
        "previous_snapshot_date": DAYS[0],
        "dag_run_id": "run",
    }


def _learners() -> list[dict[str, Any]]:
    return [{"learnerId": each, "learnerName": NAMES[each], "emailId": MAILS[each]} for each in NAMES]


def _stage(staging: Staging, lists: ListStaging) -> list[Unit]:
    stage_list(lists, COURSE_LIST, course_item(SELF_PACED.course_id), course_item(BATCH.course_id, 2))
    lists.choose([SELF_PACED, Course(BATCH.course_id)])
    stage_list(lists, BATCHES.of(Course(BATCH.course_id)), BATCH.batch_id)
    for learner in NAMES:
        stage_list(lists, LEARNER_COURSES.of(learner_id=learner), course_item(SELF_PACED.course_id))
    units = []
    for course in (SELF_PACED, BATCH):
        stage_list(lists, COURSE_LEARNERS.of(course), *_learners())
        for kind in KINDS:
            for number, learner in enumerate(NAMES):
                unit = Unit(course, learner, kind)
                stage(staging, unit, *records(*range(1, number + 4)))
                units.append(unit)
    return units
