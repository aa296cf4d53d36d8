from __future__ import annotations

import pytest

from zoho_people.model.listed_course import CourseType, ListedCourse
from zoho_people.model.unit import Course
from zoho_people.planning.course_choice import NoSuchCourse, choose_courses, idle_rules, share_out
from zoho_people.planning.course_filter import CourseFilter


def listed(course_id: str, type_: CourseType | None = None, *, is_published: bool = True) -> ListedCourse:
    return ListedCourse(course_id, f"course {course_id}", type_, is_published=is_published)


LISTED = {
    course.course_id: course
    for course in (
        listed("1", CourseType.SELF_PACED),
        listed("2", CourseType.BLENDED),
        listed("3", is_published=False),
        listed("4"),
    )
}


def chosen(*named: str, include: list[str] | None = None, exclude: list[str] | None = None) -> list[str]:
    courses = [Course.parse(text) for text in named]
    return [str(course) for course in choose_courses(LISTED, courses, CourseFilter.parse(include, exclude))]


def test_without_a_name_every_published_course_is_chosen() -> None:
    assert chosen() == ["1", "2", "4"]


def test_named_courses_are_chosen_published_or_not_in_the_order_named() -> None:
    assert chosen("3", "1", "2/21", "3") == ["3", "1", "2/21"]


def test_filters_count_for_all_and_for_named_ones() -> None:
    assert chosen(exclude=["type:blended"]) == ["1", "4"]
    assert chosen("1", "2/21", "4", include=["1", "2"]) == ["1", "2/21"]


def test_a_batch_beside_its_own_course_is_in_it() -> None:
    assert chosen("2/21", "2", "2/22", "1") == ["2", "1"]


@pytest.mark.parametrize(
    ("named", "words"), [(["1", "8", "9/7"], "no course 8, 9/7"), (["1/5"], "not blended")]
)
def test_a_name_that_cannot_be_is_refused(named: list[str], words: str) -> None:
    with pytest.raises(NoSuchCourse, match=words):
        chosen(*named)


def test_a_batch_of_a_course_of_unknown_type_may_be() -> None:
    assert chosen("4/5") == ["4/5"]


def test_many_unknown_names_are_not_all_told() -> None:
    with pytest.raises(NoSuchCourse, match="no course 10, 11, 12, 13, 14 and 15 more;"):
        chosen(*map(str, range(10, 30)))


def test_that_nothing_is_left_is_refused() -> None:
    with pytest.raises(NoSuchCourse, match="Zoho lists 4, 3 of them published"):
        chosen(exclude=["name:*"])
    with pytest.raises(NoSuchCourse, match="Zoho lists 0"):
        choose_courses({}, [], CourseFilter())


def test_that_nothing_is_left_names_the_rules_that_match_nothing() -> None:
    with pytest.raises(
        NoSuchCourse, match=r"correct include and exclude \(include name:x\* matches none of them\)"
    ):
        chosen(include=["name:x*"])


def test_a_rule_is_idle_among_the_courses_that_are_chosen_from() -> None:
    wanted = CourseFilter.parse(["1", "3"], ["name:course 4"])
    assert idle_rules(LISTED, [], wanted) == ["include id:3"]
    assert idle_rules(LISTED, [Course("3")], wanted) == ["include id:1", "exclude name:course 4"]


@pytest.mark.parametrize(
    ("courses", "shards", "expected"),
    [
        (["1", "2", "3", "4", "5"], 2, [["1", "3", "5"], ["2", "4"]]),
        (["1", "2"], 6, [["1"], ["2"]]),
        (["2/21", "1", "2/22", "3"], 2, [["2/21", "2/22", "3"], ["1"]]),
        ([], 6, []),
    ],
)
def test_courses_are_shared_out_evenly_and_batches_stay_together(
    courses: list[str], shards: int, expected: list[list[str]]
) -> None:
    assert share_out(map(Course.parse, courses), shards) == expected
