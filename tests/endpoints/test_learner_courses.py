"""A learner's courses: what is asked, what becomes of it, and that nothing stays of who was forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.helpers.hooked import Hooked
from tests.helpers.lists import page_of, refuse, stage_list
from tests.helpers.samples import DAY, NOON, RUN_ID, at
from tests.operators.test_emulated_rosters import Emulator
from zoho_emulator.organisation import Organisation
from zoho_people.endpoints.attribute_choice import AttributeChoice
from zoho_people.endpoints.learner_courses import LEARNER_COURSES
from zoho_people.erasing.forgetting import Forgetting
from zoho_people.publishing.lists import ListFile, publish_of_learners
from zoho_people.staging.list_pages import ListStaging
from zoho_people.storage.layout import learner_courses_file
from zoho_people.storage.schema import LEARNER_COURSES_SCHEMA
from zoho_people.storage.store import Store
from zoho_people.zoho.answer import Answer
from zoho_people.zoho.errors import UnexpectedAnswer
from zoho_people.zoho.page import Page, read_page

ADA, BOB = LEARNER_COURSES.of(learner_id="11"), LEARNER_COURSES.of(learner_id="12")
SAFETY = {"courseId": 7, "courseName": "Safety", "status": "completed", "completionPercentage": 100}
FIRST_AID = {"courseId": "8", "batchId": 81, "courseName": "First aid", "type": 2}


@pytest.fixture
def lists(root: Any) -> ListStaging:
    return ListStaging(root, "run-1")


def read(answer: dict[str, Any]) -> Page:
    return read_page(Answer(200, {"code": 200, **answer}), ADA.request(0))


def publish(lists: ListStaging, **options: Any) -> ListFile:
    file = publish_of_learners(LEARNER_COURSES, lists, DAY, **options)
    assert file is not None
    return file


def rows_in(store: Store) -> list[tuple[Any, ...]]:
    with store.open(learner_courses_file(DAY)) as source:
        table = pq.read_table(source)
    assert table.schema.equals(LEARNER_COURSES_SCHEMA)
    names = ("learner_id", "course_id", "batch_id", "course_name", "status", "completion_percentage")
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


class TestAnAnswer:
    def test_is_asked_for_under_the_learners_id(self) -> None:
        assert ADA.request(25).path == "/api/v1/learners/11/course-progress"
        assert ADA.request(25).query == {"startIndex": 25}
        assert str(ADA) == "the courses of learner 11"

    def test_has_a_record_for_each_course_and_batch(self) -> None:
        again = {**FIRST_AID, "batchId": "82"}
        page = read({"learnerId": 11, "courseProgress": [SAFETY, FIRST_AID, again]})
        assert page.ids == ("7", "8/81", "8/82")

    def test_of_another_learner_is_none(self) -> None:
        with pytest.raises(UnexpectedAnswer, match="learnerId"):
            read({"learnerId": 12, "courseProgress": [SAFETY]})

    @pytest.mark.parametrize("batch_id", ["x", 1.0, True])
    def test_without_a_sound_batch_is_none(self, batch_id: object) -> None:
        with pytest.raises(UnexpectedAnswer, match="no usable courseId or batchId"):
            read({"courseProgress": [{**FIRST_AID, "batchId": batch_id}]})

    def test_is_never_asked_for_a_pseudonym(self) -> None:
        with pytest.raises(ValueError, match="learner_id"):
            LEARNER_COURSES.of(learner_id="1" * 39).request(0)


class TestTheDataset:
    def test_has_a_row_for_each_course_and_batch_of_each_learner(self, lists: ListStaging) -> None:
        stage_list(lists, ADA, FIRST_AID, SAFETY)
        stage_list(lists, BOB, SAFETY)
        assert publish(lists).rows == 3
        assert rows_in(lists.store) == [
            ("11", "7", None, "Safety", "completed", 100.0),
            ("11", "8", "81", "First aid", None, None),
            ("12", "7", None, "Safety", "completed", 100.0),
        ]

    def test_keeps_whatever_else_zoho_said_as_far_as_the_deployer_wants_it(self, lists: ListStaging) -> None:
        stage_list(lists, ADA, {**SAFETY, "lastSeen": 5, "trainer": "Eve"})
        publish(lists, choice=AttributeChoice.of((), ["trainer"]))
        with lists.store.open(learner_courses_file(DAY)) as source:
            assert pq.read_table(source)["attributes"].to_pylist() == ['{"lastSeen": 5}']

    def test_is_replaced_learner_by_learner(self, root: Any, lists: ListStaging) -> None:
        stage_list(lists, ADA, SAFETY, FIRST_AID)
        stage_list(lists, BOB, SAFETY)
        publish(lists)
        later = ListStaging(root, "run-2")
        stage_list(later, ADA, FIRST_AID, minute=1)
        assert publish(later).changed
        assert [row[:3] for row in rows_in(lists.store)] == [("11", "8", "81"), ("12", "7", None)]
        assert not publish(later).changed

    def test_has_nothing_of_who_left_every_course(self, root: Any, lists: ListStaging) -> None:
        stage_list(lists, ADA, SAFETY)
        stage_list(lists, BOB, SAFETY)
        publish(lists)
        later = ListStaging(root, "run-2")
        stage_list(later, ADA)
        publish(later)
        assert [row[0] for row in rows_in(lists.store)] == ["12"]

    def test_has_what_was_fetched_last_in_whatever_order_runs_publish(
        self, root: Any, lists: ListStaging
    ) -> None:
        later = ListStaging(root, "run-2")
        stage_list(later, ADA, FIRST_AID, minute=1)
        stage_list(lists, ADA, SAFETY)
        publish(later)
        assert not publish(lists).changed
        assert [row[1] for row in rows_in(lists.store)] == ["8"]

    def test_is_of_a_day(self, lists: ListStaging) -> None:
        assert ADA.file(DAY) == learner_courses_file(DAY) != ADA.file(DAY + timedelta(days=1))

    def test_is_not_written_where_nothing_was_read(self, lists: ListStaging) -> None:
        refuse(lists, ADA, "HTTP 404")
        lists.add_page(BOB, page_of(BOB, SAFETY, more=True), at(1), RUN_ID)
        assert publish_of_learners(LEARNER_COURSES, lists, DAY) is None
        assert not lists.store.exists(learner_courses_file(DAY))

    def test_leaves_nothing_staged_once_it_is_removed(self, lists: ListStaging) -> None:
        stage_list(lists, ADA, SAFETY)
        lists.remove_records()
        assert lists.complete(LEARNER_COURSES) == [ADA]
        lists.remove(LEARNER_COURSES)
        assert lists.complete(LEARNER_COURSES) == []


class TestALearnerWhoIsForgotten:
    def test_is_not_asked_for(self, lists: ListStaging) -> None:
        Forgetting([lists.store], clock=lambda: NOON).forget(["11"])
        assert lists.progress(ADA).done
        assert not lists.progress(BOB).done

    @pytest.mark.parametrize(("more", "file"), [(True, "/000000000000.arrow"), (False, "of-11.arrow")])
    def test_while_a_page_is_on_its_way_stays_out(self, tmp_path: Path, more: bool, file: str) -> None:
        lists = ListStaging(str(tmp_path), "run-1")
        forgetting = Forgetting([Store(str(tmp_path))], clock=lambda: NOON)
        lists.store = Hooked(str(tmp_path), file, lambda: forgetting.forget(["11"]))
        assert lists.add_page(ADA, page_of(ADA, SAFETY, more=more), at(1), RUN_ID).forgotten
        assert not [path for path in lists.store.files("_staging") if "learner-" in path]

    def test_is_kept_nothing_of_afterwards(self, lists: ListStaging) -> None:
        Forgetting([lists.store], clock=lambda: NOON).forget(["11"])
        assert lists.add_page(ADA, page_of(ADA, SAFETY), at(1), RUN_ID).forgotten
        assert lists.complete(LEARNER_COURSES) == []

    def test_is_taken_out_of_what_is_staged(self, lists: ListStaging) -> None:
        stage_list(lists, ADA, SAFETY)
        stage_list(lists, BOB, SAFETY)
        Forgetting([lists.store], clock=lambda: NOON).forget(["11"])
        assert lists.complete(LEARNER_COURSES) == [BOB]


@pytest.mark.parametrize("says_more", [True, False])
def test_every_course_of_a_learner_is_found(tmp_path: Path, says_more: bool) -> None:
    organisation = Organisation(courses=30, learners=3, max_entities=1)
    emulator = Emulator(organisation, says_more=says_more)
    learner = LEARNER_COURSES.of(learner_id=str(organisation.learner_id(1)))
    lists = ListStaging(str(tmp_path), "run-1")
    while (start_index := lists.progress(learner).next_start_index) is not None:
        lists.add_page(learner, emulator.read_page(learner, start_index), NOON, RUN_ID)
    assert {each.record_id.partition("/")[0] for each in lists.records(learner)} == {
        str(organisation.course_at(index).course_id) for index in range(30)
    }
