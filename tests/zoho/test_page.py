from __future__ import annotations

from typing import Any

import pytest

from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES, COURSES
from zoho_people.endpoints.endpoint import Resource
from zoho_people.model.unit import Course
from zoho_people.zoho.answer import Answer
from zoho_people.zoho.errors import CourseNotFound, Locked, UnexpectedAnswer
from zoho_people.zoho.page import Page, read_page

COURSE, BATCH = "100002000000039001", "100002000000040002"
ROSTER = COURSE_LEARNERS.of(Course(COURSE, BATCH))


def read(body: dict[str, Any], asked: Resource = ROSTER, *, start_index: int = 0) -> Page:
    return read_page(Answer(200, body), asked.request(start_index))


def learners(*ids: object, **more: Any) -> dict[str, Any]:
    return {"code": "200", "courseProgress": [{"learnerId": learner} for learner in ids], **more}


def test_each_list_has_a_path_of_its_own() -> None:
    assert COURSES.of().request(0).path == "/api/v1/courses"
    assert BATCHES.of(Course(COURSE)).request(0).path == f"/api/v1/courses/{COURSE}/batches"
    assert COURSE_LEARNERS.of(Course(COURSE)).request(0).path == f"/api/v1/courses/{COURSE}/course-progress"
    assert ROSTER.request(0).path == f"/api/v1/courses/{COURSE}/batches/{BATCH}/course-progress"


@pytest.mark.parametrize("text", ["", "7/8", "../7", "7?x=1", "７", "1e3"])
def test_nothing_but_digits_gets_into_a_path(text: str) -> None:
    with pytest.raises(ValueError, match="is not an id"):
        BATCHES.of(Course(text))


def test_a_list_is_called_what_a_person_would_call_it() -> None:
    names = [str(COURSES.of()), str(BATCHES.of(Course(COURSE))), str(ROSTER)]
    assert names == [
        "the list of courses",
        f"the batches of course {COURSE}",
        f"the learners of course {COURSE}/{BATCH}",
    ]


@pytest.mark.parametrize("key", ["courseProgress", "learners", "a key that nobody has seen"])
def test_the_list_is_the_one_whose_items_carry_the_id(key: str) -> None:
    items = [{"learnerId": 1, "name": "x"}, {"learnerId": "2"}]
    page = read({"code": 200, "tags": ["a"], key: items, "owners": [{"ownerId": 9}], "none": []})
    assert page.ids == ("1", "2")
    assert page.records == tuple(items)


def test_the_list_may_be_one_object_deeper() -> None:
    assert read({"code": 200, "data": {"learners": [{"learnerId": 1}]}}).ids == ("1",)


@pytest.mark.parametrize(
    ("asked", "item"),
    [
        (COURSES.of(), {"courseId": 5, "batchId": 6}),
        (BATCHES.of(Course(COURSE)), {"courseId": COURSE, "batchId": "5"}),
        (ROSTER, {"courseId": COURSE, "batchId": int(BATCH), "learnerId": 5}),
    ],
)
def test_each_list_has_an_id_of_its_own(asked: Resource, item: dict[str, Any]) -> None:
    assert read({"code": 200, "x": [item]}, asked).ids == ("5",)


def test_ids_are_exact_as_number_and_as_text() -> None:
    assert read(learners(9007199254740993, "9007199254740995")).ids == (
        "9007199254740993",
        "9007199254740995",
    )


@pytest.mark.parametrize("learner", [1.0, True, None, "", "x", "1.0", -1, ["1"], 10**32])
def test_an_item_without_a_usable_id_is_no_answer(learner: object) -> None:
    with pytest.raises(UnexpectedAnswer, match="no usable learnerId"):
        read(learners(1, learner))


def test_an_item_that_lacks_the_id_among_others_that_have_it_is_no_answer() -> None:
    for odd in ({"name": "x"}, "x", 5, None):
        with pytest.raises(UnexpectedAnswer, match="no usable learnerId"):
            read({"code": 200, "list": [{"learnerId": 1}, odd]})


def test_two_lists_with_the_id_are_no_answer() -> None:
    with pytest.raises(UnexpectedAnswer, match="more than one list"):
        read({"code": 200, "a": [{"learnerId": 1}], "b": [{"learnerId": 2}]})


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "list": []},
        {"list": []},
        {"code": "200", "a": [], "b": []},
        {"code": 200, "list": None},
        {"code": 200, "message": None, "list": None},
        {"code": 200, "data": {"list": []}},
    ],
)
def test_an_empty_list_is_the_end(body: dict[str, Any]) -> None:
    assert read(body, start_index=25) == Page(25, (), None)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": 200},
        {"code": 200, "message": "success"},
        {"list": None},
        {"code": 200, "list": [{"x": 1}]},
        {"code": 200, "message": None},
        {"code": None, "status": None, "message": None, "hasMoreRecords": None},
        {"code": 200, "message": None, "data": {"courseProgress": {"learners": [{"learnerId": 1}]}}},
    ],
)
def test_an_answer_without_the_list_is_not_taken_for_an_empty_one(body: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer, match="no list whose items carry learnerId"):
        read(body)


@pytest.mark.parametrize(("said", "goes_on"), [(True, True), ("true", True), (False, False), (None, True)])
def test_has_more_records_says_whether_to_go_on(said: object, goes_on: bool) -> None:
    page = read(learners(1, 2, hasMoreRecords=said), start_index=25)
    assert page.next_start_index == (27 if goes_on else None)


def test_where_nothing_is_said_more_is_asked_for_until_an_empty_page() -> None:
    assert read(learners(1, 2), start_index=50).next_start_index == 52
    assert read(learners(), start_index=52).next_start_index is None


def test_an_empty_page_with_more_to_come_is_no_answer() -> None:
    with pytest.raises(UnexpectedAnswer, match="empty page at startIndex 25"):
        read(learners(hasMoreRecords=True), start_index=25)


@pytest.mark.parametrize(
    "body",
    [
        learners(1, courseId="4"),
        learners(1, batchId=4),
        learners(1, courseId=float(COURSE)),
        {"code": 200, "x": [{"learnerId": 1, "courseId": "4"}]},
        {"code": 200, "x": [{"learnerId": 1}, {"learnerId": 1, "batchId": "4"}]},
    ],
)
def test_an_answer_about_another_course_is_no_answer(body: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer, match="asked was"):
        read(body)


def test_a_batch_of_another_course_is_no_answer() -> None:
    with pytest.raises(UnexpectedAnswer, match="asked was"):
        read({"code": 200, "batches": [{"batchId": 1, "courseId": 2}]}, BATCHES.of(Course(COURSE)))


def test_errors_mean_what_they_mean_everywhere() -> None:
    with pytest.raises(Locked):
        read_page(Answer(429, {"code": 7209}), ROSTER.request(0))
    with pytest.raises(CourseNotFound):
        read_page(Answer(404, {"code": "X", "message": "Course not found."}), ROSTER.request(0))


def test_an_error_quotes_nothing_that_the_items_say() -> None:
    with pytest.raises(UnexpectedAnswer) as error:
        read({"code": 200, "x": [{"learnerId": "Jane Doe", "learnerName": "Jane Doe"}]})
    assert "Jane" not in str(error.value.facts())


def test_a_list_of_courses_may_be_of_one_state() -> None:
    assert COURSES.of(state="published").request(25).query == {"startIndex": 25, "state": "published"}
    assert COURSES.of().request(0).query == {"startIndex": 0}
    assert str(COURSES.of(state="published")) == str(COURSES.of())


def test_a_page_has_more_when_another_begins() -> None:
    assert Page(0, ({},), 1).has_more
    assert not Page(0, ({},), None).has_more
