from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.hooked import Ending
from tests.helpers.samples import (
    COURSE,
    DAY,
    RUN_ID,
    at,
    cover,
    ids_by_learner,
    known_of,
    plan_of,
    publish_units,
    published,
    records,
    stage,
    unit,
)
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import CourseFile, ForeignFile
from zoho_people.publishing.publish import publish
from zoho_people.staging.progress_pages import Staging
from zoho_people.storage.layout import progress_file
from zoho_people.storage.schema import PROGRESS_SCHEMA

PATH = progress_file(unit().entity_type, COURSE, DAY)


def test_what_is_staged_is_published_sorted_by_learner_and_entity(root: Any, staging: Staging) -> None:
    for learner in (9, 10, 100):
        stage(staging, unit(learner), *records(3, 20, 1))
    report = publish_units(staging, unit(9), unit(10), unit(100))
    table = published(root)
    assert table.schema.equals(PROGRESS_SCHEMA)
    assert ids_by_learner(table) == {"10": ["1", "20", "3"], "100": ["1", "20", "3"], "9": ["1", "20", "3"]}
    (file,) = report.files
    assert (file.path, file.rows, file.changed) == (PATH, 9, True)


def test_each_course_batch_and_entity_type_has_its_file(root: Any, staging: Staging) -> None:
    courses = (Course("1"), Course("1", "5"), Course("2"))
    units = [unit(course=course, entity_type=kind) for course in courses for kind in EntityType]
    for number, each in enumerate(units):
        stage(staging, each, {"id": number})
    report = publish_units(staging, *units)
    assert report.as_dict()["rows_by_entity_type"] == {kind.label: 3 for kind in EntityType}
    assert report.as_dict()["files"] == report.as_dict()["files_changed"] == 3 * len(EntityType)
    for number, each in enumerate(units):
        table = published(root, each.course, each.entity_type)
        assert table["entity_id"].to_pylist() == [str(number)]
        assert table["batch_id"].to_pylist() == [each.course.batch_id]


def test_a_run_of_some_learners_keeps_the_others_rows(root: Any, staging: Staging) -> None:
    units = [unit(learner) for learner in range(1, 8)]
    for each in units:
        stage(staging, each, *records(1, 2, 3))
    publish_units(staging, *units)
    again = Staging(root, "run-2")
    stage(again, unit(3), *records(9), minute=5)
    stage(again, unit(5), minute=5)
    stage(again, unit(55), *records(4), minute=5)
    report = publish_units(again, unit(3), unit(5), unit(55))
    rows = ids_by_learner(published(root))
    assert rows == {str(i): ["1", "2", "3"] for i in (1, 2, 4, 6, 7)} | {"3": ["9"], "55": ["4"]}
    assert report.files[0].rows == 2


def test_only_the_units_that_were_planned_are_published(root: Any, staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    stage(staging, unit(2), *records(2))
    publish_units(staging, unit(2), unit(3))
    assert ids_by_learner(published(root)) == {"2": ["2"]}


def test_units_without_an_answer_leave_their_rows(root: Any, staging: Staging) -> None:
    units = [unit(learner) for learner in (1, 2, 3, 4)]
    for each in units:
        stage(staging, each, *records(1))
    publish_units(staging, *units)
    again = Staging(root, "run-2")
    for each, outcome in zip(units, ("not_found", "forbidden", "failed"), strict=False):
        again.add_outcome(each, outcome, None, at(5), RUN_ID)
    report = publish_units(again, *units)
    assert report.files == ()
    assert len(ids_by_learner(published(root))) == 4


def test_publishing_the_same_again_touches_nothing(root: Any, staging: Staging) -> None:
    units = [unit(learner) for learner in range(1, 6)]
    for each in units:
        stage(staging, each, *records(1, 2, 3))
    publish_units(staging, *units)
    before = staging.store.read(PATH)
    plan = plan_of(staging, *units)
    staging.store.replacing = None  # type: ignore[method-assign, assignment]
    report = publish(staging, plan, DAY, at(99))
    assert [(file.changed, file.rows) for file in report.files] == [(False, 15)]
    assert staging.store.read(PATH) == before


def test_two_runs_write_the_same_bytes_but_for_moment_and_run(root: Any) -> None:
    contents = []
    for _ in range(2):
        staging = Staging(root, "run-1")
        for learner in range(1, 6):
            stage(staging, unit(learner), *records(1, 2, 3))
        publish_units(staging, *(unit(learner) for learner in range(1, 6)))
        contents.append(staging.store.read(PATH))
        staging.remove()
        staging.store.delete(PATH)
    assert contents[0] == contents[1]


def test_rows_that_were_fetched_later_stay(root: Any, staging: Staging) -> None:
    late = Staging(root, "late")
    stage(staging, unit(1), *records(1), minute=1)
    stage(staging, unit(2), *records(1), minute=3)
    for learner in (1, 2):
        stage(late, unit(learner), *records(2), minute=2)
    publish_units(late, unit(1), unit(2))
    publish_units(staging, unit(1), unit(2))
    assert ids_by_learner(published(root)) == {"1": ["2"], "2": ["1"]}


def test_a_learner_found_empty_later_stays_empty(root: Any, staging: Staging) -> None:
    first, late = Staging(root, "first"), Staging(root, "late")
    stage(first, unit(1), *records(1), minute=0)
    publish_units(first, unit(1))
    stage(staging, unit(1), *records(1), minute=1)
    stage(late, unit(1), minute=2)
    publish_units(late, unit(1))
    cover(late, unit(1))
    publish_units(staging, unit(1))
    assert published(root).num_rows == 0


def test_a_file_that_loses_its_last_row_stays_without_rows(root: Any, staging: Staging) -> None:
    stage(staging, unit(1), *records(1))
    publish_units(staging, unit(1))
    again = Staging(root, "run-2")
    stage(again, unit(1), minute=1)
    assert [file.changed for file in publish_units(again, unit(1)).files] == [True]
    assert published(root).num_rows == 0
    assert published(root).schema.equals(PROGRESS_SCHEMA)
    assert [file.changed for file in publish_units(again, unit(1)).files] == [False]


def test_no_file_is_made_for_no_rows(root: Any, staging: Staging) -> None:
    stage(staging, unit(1))
    assert publish_units(staging, unit(1)).files == ()
    assert not staging.store.exists(PATH)


def test_a_learner_across_several_row_groups_is_replaced_whole(root: Any, staging: Staging) -> None:
    stage(staging, unit(1), *records(*range(3)))
    stage(staging, unit(2), *records(*range(30)))
    stage(staging, unit(3), *records(*range(3)))
    publish_units(staging, unit(1), unit(2), unit(3))
    assert not publish_units(staging, unit(1), unit(2), unit(3)).changed
    again = Staging(root, "run-2")
    stage(again, unit(2), *records(7), minute=1)
    publish_units(again, unit(2))
    assert ids_by_learner(published(root)) == {"1": ["0", "1", "2"], "2": ["7"], "3": ["0", "1", "2"]}


@pytest.mark.parametrize("status", ["new", None])
def test_a_value_that_changed_at_the_same_moment_is_news(root: Any, staging: Staging, status: object) -> None:
    stage(staging, unit(1), *records(1, status="old"))
    publish_units(staging, unit(1))
    again = Staging(root, "run-2")
    stage(again, unit(1), *records(1, status=status))
    publish_units(again, unit(1))
    assert published(root)["status"].to_pylist() == [status]


@pytest.mark.parametrize("step", ["writing", "moving"])
def test_a_crash_before_the_end_leaves_the_old_file(root: Any, staging: Staging, step: str) -> None:
    stage(staging, unit(1), *records(1))
    publish_units(staging, unit(1))
    before = staging.store.read(PATH)
    again = Staging(root, "run-2")
    stage(again, unit(1), *records(2), minute=1)
    whole = again.store
    again.store = Ending(whole, OSError("No space left"), at=PATH, full=step == "writing")
    with pytest.raises(OSError, match="No space left"):
        publish_units(again, unit(1))
    again.store = whole
    assert again.store.read(PATH) == before
    assert again.store.names("_staging/run-2/_tmp") == []
    publish_units(again, unit(1))
    assert ids_by_learner(published(root)) == {"1": ["2"]}


def test_a_foreign_file_is_left_alone(root: Any, staging: Staging) -> None:
    with staging.store.replacing(PATH) as temporary:
        pq.write_table(pa.table({"learner_id": ["1"]}), temporary)
    before = staging.store.read(PATH)
    stage(staging, unit(1), *records(1))
    with pytest.raises(ForeignFile), CourseFile.opened(staging.store, PATH):
        pass
    failures = publish_units(staging, unit(1)).failures
    assert list(failures) == [PATH]
    assert "move it" in failures[PATH]
    assert staging.store.read(PATH) == before


@pytest.mark.parametrize("rows", [0, 1])
def test_a_file_that_can_not_be_merged_keeps_no_other_from_being_published(
    staging: Staging, rows: int
) -> None:
    staging.store.write(PATH, b"PAR1 and no more")
    units = [
        unit(learner, course, kind)
        for course in (COURSE, Course("1"))
        for learner in (1, 2)
        for kind in (EntityType.FILES, EntityType.ONLINE_TESTS, EntityType.LINKS)
    ]
    for each in units:
        stage(staging, each, *([{"id": 1}] * rows if each.learner_id == "2" else [{"id": 1}]))
    report = publish_units(staging, *units)
    assert list(report.failures) == [PATH]
    assert len(report.changed) == 5
    assert report.as_dict()["failures"] == report.failures
    assert staging.store.read(PATH) == b"PAR1 and no more"
    known = known_of(staging.store)
    assert set(known) == {EntityType.FILES, EntityType.LINKS}
    staging.store.delete(PATH)
    assert [file.path for file in publish_units(staging, *units).changed] == [PATH]
    assert set(known_of(staging.store)) == set(known) | {EntityType.ONLINE_TESTS}


def test_a_file_whose_rows_are_damaged_is_left_alone(staging: Staging) -> None:
    for learner in range(1, 9):
        stage(staging, unit(learner), *records(*range(50), name="x" * 50))
    publish_units(staging, *(unit(learner) for learner in range(1, 9)))
    content = staging.store.read(PATH)
    staging.store.write(PATH, content[:4] + b"\xff" * 1500 + content[1504:])
    again = Staging(staging.root, "run-2")
    stage(again, unit(3), *records(1), minute=1)
    (why,) = publish_units(again, unit(3)).failures.values()
    assert "can't be read" in why
    assert staging.store.names("_staging/run-2/_tmp") == []
