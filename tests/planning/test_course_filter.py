from __future__ import annotations

import pytest

from zoho_people.model.listed_course import CourseType, ListedCourse
from zoho_people.planning.course_filter import CourseFilter, Rule

SAFETY = ListedCourse("101", "Safety at Work", CourseType.SELF_PACED, is_published=True)
SALES = ListedCourse("102", "Sales [2026]", CourseType.BLENDED, is_published=True)
MANUAL = ListedCourse("103", "Manual: safety", CourseType.E_MATERIAL, is_published=True)
ODD = ListedCourse("104", "", None, is_published=True)
ALL = (SAFETY, SALES, MANUAL, ODD)


def meant(include: list[str] | None = None, exclude: list[str] | None = None) -> list[str]:
    course_filter = CourseFilter.parse(include, exclude)
    return [course.course_id for course in ALL if course_filter(course)]


def test_without_rules_every_course_is_meant() -> None:
    assert meant() == meant([], []) == ["101", "102", "103", "104"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("101", ["101"]),
        ("id:102", ["102"]),
        ("10", []),
        ("type:blended", ["102"]),
        ("name:safety*", ["101"]),
        ("name:*SAFETY*", ["101", "103"]),
        ("name:safety", []),
        ("name:Manual: *", ["103"]),
        ("name:S????y at Work", ["101"]),
        ("name:[abs]*", []),
        ("name:*[2026]", ["102"]),
        ("name: *[2026] ", ["102"]),
        ("Name:safety at work", ["101"]),
        ("TYPE:Self_Paced", ["101"]),
    ],
)
def test_a_rule_looks_at_the_id_the_name_or_the_type(rule: str, expected: list[str]) -> None:
    assert meant([rule]) == expected


def test_any_rule_may_include_and_any_may_exclude() -> None:
    assert meant(["type:blended", "name:*safety*"]) == ["101", "102", "103"]
    assert meant(["type:blended", "name:*safety*"], ["103", "type:blended"]) == ["101"]
    assert meant(None, ["name:*"]) == []


@pytest.mark.parametrize(
    "text",
    ["", "Safety", "type:", "name:", "id:x", "kind:1", "id:", "1.5e3", None, 101, ["101"]],
)
def test_anything_else_is_refused_with_the_forms(text: object) -> None:
    with pytest.raises(ValueError, match=r"write an id in digits, 'name:<pattern>'.*self_paced"):
        Rule.parse(text)


def test_a_bracket_stands_for_itself() -> None:
    archived = ListedCourse("1", "[Archived] Safety", None, is_published=True)
    archery = ListedCourse("2", "Archery", None, is_published=True)
    wanted = CourseFilter.parse(None, ["name:[Archived]*"])
    assert [wanted(archived), wanted(archery)] == [False, True]


def test_rules_that_match_no_course_are_told_as_they_are_written() -> None:
    wanted = CourseFilter.parse(["name:Safty*", "102"], ["type:e_material", "199"])
    assert wanted.idle(ALL) == ["include name:Safty*", "exclude id:199"]
    assert wanted.idle([]) == [
        "include name:Safty*",
        "include id:102",
        "exclude type:e_material",
        "exclude id:199",
    ]
    assert CourseFilter().idle(ALL) == []
