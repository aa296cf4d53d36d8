from __future__ import annotations

import pytest

from zoho_people.model.listed_course import CourseType, ListedCourse, PublishState, is_published


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (1, CourseType.SELF_PACED),
        ("1", CourseType.SELF_PACED),
        ("Self-Paced", CourseType.SELF_PACED),
        ("SELF_PACED", CourseType.SELF_PACED),
        (2, CourseType.BLENDED),
        ("Blended course", CourseType.BLENDED),
        ("3", CourseType.E_MATERIAL),
        ("e-material", CourseType.E_MATERIAL),
        (4, None),
        (True, None),
        (1.0, None),
        (None, None),
        ([1], None),
        ("virtual", None),
    ],
)
def test_a_type_is_a_number_or_a_word(value: object, meant: CourseType | None) -> None:
    assert CourseType.read(value) is meant


@pytest.mark.parametrize(
    "status", [None, "published", "Published", 1, True, "a word that nobody knows", ["x"]]
)
def test_a_course_is_published_unless_zoho_says_that_it_is_not(status: object) -> None:
    assert is_published({"publishStatus": status})
    assert is_published({})


@pytest.mark.parametrize(
    "status",
    ["unpublished", "UnPublished", "Not Published", "draft", 0, "0", False, "drafted", "DRAFTED", "Disabled"],
)
def test_an_unpublished_course_is_known(status: object) -> None:
    assert not is_published({"publishStatus": status})


def test_a_course_is_read_field_by_field() -> None:
    item = {"courseId": 9007199254740993, "courseName": "Safety", "type": 2, "publishStatus": "draft"}
    course = ListedCourse.read(item)
    assert course == ListedCourse("9007199254740993", "Safety", CourseType.BLENDED, is_published=False)


def test_odd_fields_leave_their_place_empty() -> None:
    course = ListedCourse.read({"courseId": "7", "courseName": 5, "name": "Safety", "type": {}})
    assert course == ListedCourse("7", "Safety", None, is_published=True)
    assert ListedCourse.read({"courseId": "7"}).name == ""


@pytest.mark.parametrize(("type_", "expected"), [(1, False), (2, True), (3, False), ("unheard of", True)])
def test_batches_are_asked_for_where_there_may_be_some(type_: object, expected: bool) -> None:
    assert ListedCourse.read({"courseId": "7", "type": type_}).may_have_batches is expected


@pytest.mark.parametrize(
    ("item", "state"),
    [
        ({}, PublishState.UNKNOWN),
        ({"publishStatus": None}, PublishState.UNKNOWN),
        ({"publishStatus": ""}, PublishState.UNKNOWN),
        ({"publishStatus": "PUBLISHED"}, PublishState.PUBLISHED),
        ({"publishStatus": True}, PublishState.PUBLISHED),
        ({"publishStatus": 2}, PublishState.UNKNOWN),
        ({"publishStatus": 0.5}, PublishState.UNKNOWN),
        ({"publishStatus": ["x"]}, PublishState.UNKNOWN),
        ({"state": "disabled"}, PublishState.UNPUBLISHED),
        ({"publishStatus": None, "courseState": "drafted"}, PublishState.UNPUBLISHED),
        ({"publishStatus": "published", "state": "disabled"}, PublishState.PUBLISHED),
    ],
)
def test_a_state_is_read_from_any_word_number_or_boolean(
    item: dict[str, object], state: PublishState
) -> None:
    assert PublishState.read(item) is state


def test_sessions_exist_only_where_there_may_be_batches() -> None:
    never = {
        type_: {
            entity_type.label for entity_type in ListedCourse("1", "", type_, is_published=True).never_has
        }
        for type_ in (*CourseType, None)
    }
    assert never == {
        CourseType.SELF_PACED: {"sessions"},
        CourseType.E_MATERIAL: {"sessions"},
        CourseType.BLENDED: set(),
        None: set(),
    }
