from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.lists import COURSE_LIST, course_item, refuse, stage_list, stage_organisation
from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES
from zoho_people.endpoints.rows import fingerprint
from zoho_people.model.listed_course import CourseType
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListStaging, NotStaged
from zoho_people.staging.staged_lists import (
    batch_names,
    listed_courses,
    missing_courses,
    needs_batches,
    rosters_of,
    staged_courses,
    staged_learners,
)


@pytest.fixture
def rosters(root: Any) -> ListStaging:
    return ListStaging(root, "run-1")


def test_batches_have_names_where_zoho_gives_one(rosters: ListStaging) -> None:
    named = {"batchId": 21, "name": "Batch One"}
    odd = ({"batchId": 22, "name": 7}, {"batchId": 23}, {"batchId": 24, "batchName": "Batch Four"})
    stage_list(rosters, BATCHES.of(Course("2")), named, *odd)
    assert batch_names(rosters, "2") == {"21": "Batch One", "24": "Batch Four"}
    assert batch_names(rosters, "3") == {}


def test_a_blended_course_is_all_its_batches(rosters: ListStaging) -> None:
    stage_organisation(rosters)
    assert staged_courses(rosters) == [Course("1"), Course("2", "21"), Course("2", "22")]
    assert missing_courses(rosters) == []


def test_learners_come_sorted_with_the_fingerprints_of_their_records(rosters: ListStaging) -> None:
    stage_organisation(rosters)
    assert list(staged_learners(rosters, Course("1")).items()) == [
        ("11", fingerprint({"learnerId": 11})),
        ("12", fingerprint({"learnerId": 12})),
    ]
    assert staged_learners(rosters, Course("2", "22")) == {}


def test_learners_that_were_not_read_are_not_taken_for_none(rosters: ListStaging) -> None:
    with pytest.raises(NotStaged):
        staged_learners(rosters, Course("1"))


def test_batches_that_are_not_published_are_left_out(rosters: ListStaging) -> None:
    batches = ({"batchId": 21, "publishStatus": "unpublished"}, {"batchId": 22, "publishStatus": "published"})
    stage_list(rosters, BATCHES.of(Course("2")), *batches)
    assert rosters_of(rosters, Course("2"), None) == [Course("2", "22")]


@pytest.mark.parametrize("batches", [None, ({"batchId": 21, "publishStatus": "unpublished"}, 22)])
def test_a_batch_that_was_named_is_itself_whatever_is_listed(rosters: ListStaging, batches: Any) -> None:
    if batches:
        stage_list(rosters, BATCHES.of(Course("2")), *batches)
    assert rosters_of(rosters, Course("2", "21"), None) == [Course("2", "21")]


def test_a_course_of_unknown_type_without_batches_is_itself(rosters: ListStaging) -> None:
    stage_list(rosters, COURSE_LIST, course_item(2, "unheard of"), course_item(3, 2))
    listed = listed_courses(rosters)
    for course_id in ("2", "3"):
        stage_list(rosters, BATCHES.of(Course(course_id)))
    assert rosters_of(rosters, Course("2"), listed["2"]) == [Course("2")]
    assert rosters_of(rosters, Course("3"), listed["3"]) == []


def test_a_course_of_unknown_type_whose_batches_are_refused_is_itself(rosters: ListStaging) -> None:
    stage_list(rosters, COURSE_LIST, course_item(2, "unheard of"), course_item(3, 2))
    listed = listed_courses(rosters)
    with pytest.raises(NotStaged):
        rosters_of(rosters, Course("2"), listed["2"])
    for course_id in ("2", "3"):
        refuse(rosters, BATCHES.of(Course(course_id)), "HTTP 400")
    assert rosters_of(rosters, Course("2"), listed["2"]) == [Course("2")]
    with pytest.raises(NotStaged):
        rosters_of(rosters, Course("3"), listed["3"])


def test_batches_are_needed_where_there_may_be_some_and_none_is_named(rosters: ListStaging) -> None:
    stage_list(rosters, COURSE_LIST, course_item(1, 1), course_item(2, 2))
    listed = listed_courses(rosters)
    assert listed["2"].type is CourseType.BLENDED
    assert not needs_batches(Course("1"), listed["1"])
    assert not needs_batches(Course("2", "21"), listed["2"])
    assert not needs_batches(Course("9", "91"), None)
    assert needs_batches(Course("2"), listed["2"])
    assert needs_batches(Course("9"), None)


def test_what_is_missing_is_told_with_the_reason(rosters: ListStaging) -> None:
    stage_list(rosters, COURSE_LIST, course_item(1), course_item(2, 2), course_item(3), course_item(4, 2))
    rosters.choose([Course(course_id) for course_id in "1234"])
    stage_list(rosters, COURSE_LEARNERS.of(Course("3")), 11)
    stage_list(rosters, BATCHES.of(Course("2")), 21)
    refuse(rosters, COURSE_LEARNERS.of(Course("2", "21")), "HTTP 404")
    refuse(rosters, BATCHES.of(Course("4")), "HTTP 403")
    assert staged_courses(rosters) == [Course("3")]
    assert missing_courses(rosters) == [
        (Course("1"), "not read"),
        (Course("2", "21"), "HTTP 404"),
        (Course("4"), "HTTP 403"),
    ]


def test_without_a_choice_nothing_is_told(rosters: ListStaging) -> None:
    stage_list(rosters, COURSE_LIST, course_item(1))
    for tell in (staged_courses, missing_courses):
        with pytest.raises(NotStaged):
            tell(rosters)
