"""Parameters: each that can't be is named, with its value and the cure."""

from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from zoho_people.web.parameters import COMMON, FILTERS, PAGED, Parameters
from zoho_people.web.problem import PageProblem

TAKEN = (*COMMON, *FILTERS, *PAGED, "learner_id")


def parameters(query: str, *, may_see_names: bool = True) -> Parameters:
    return Parameters.of(QueryParams(query), TAKEN, may_see_names=may_see_names)


def test_filters_may_be_repeated_and_empty_ones_mean_all() -> None:
    filters = parameters(
        "course=1&course=2/3&course=1&entity_type=files&department=&location=B%C3%BCro"
    ).filters()
    assert filters == {
        "courses": ["1", "2/3"],
        "entity_types": ["files"],
        "people_with": {"location": ["Büro"]},
    }


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("course=a", "course"),
        ("course=1'%20OR%201", "course"),
        ("entity_type=quizzes", "entity_type"),
        ("department=a%00b", "department"),
        (f"location={'x' * 201}", "location"),
        ("&".join(["course=1"] * 201), "course is there 201 times"),
    ],
)
def test_a_filter_that_can_t_be_is_named(query: str, told: str) -> None:
    with pytest.raises(PageProblem) as caught:
        parameters(query).filters()
    assert caught.value.status == 400
    assert told in caught.value.problem


def test_an_unknown_parameter_is_told_with_those_that_there_are() -> None:
    with pytest.raises(PageProblem, match=r"'day' is unknown here; use one of: course, dag"):
        parameters("day=1")


@pytest.mark.parametrize("query", ["manager=Kim", "sort=name", "sort=-email", "sort=manager"])
def test_who_may_not_see_names_can_t_find_them_out_by_filters_and_order(query: str) -> None:
    def ask(*, may_see_names: bool) -> None:
        asked = parameters(query, may_see_names=may_see_names)
        asked.filters()
        asked.sort(("name", "email", "manager", "share"), "share")

    ask(may_see_names=True)
    with pytest.raises(PageProblem) as caught:
        ask(may_see_names=False)
    assert caught.value.status == 403


def test_sorting_is_by_a_column_that_there_is() -> None:
    assert parameters("").sort(("share", "days"), "-days") == ("days", True)
    assert parameters("sort=share").sort(("share", "days"), "-days") == ("share", False)
    with pytest.raises(PageProblem, match=r"sort '1;drop' is no column; use one of: share"):
        parameters("sort=1;drop").sort(("share",), "share")


@pytest.mark.parametrize("value", ["-1", "1.5", "x", "٣", "99999999999", "1001"])
def test_a_number_is_a_whole_one_within_its_limit(value: str) -> None:
    with pytest.raises(PageProblem, match="can't be; use a whole number from 0 to 1000"):
        parameters(f"limit={value}").number("limit", 100, most=1000)


def test_a_view_of_one_course_or_learner_needs_one() -> None:
    assert str(parameters("course=1/2").course()) == "1/2"
    assert parameters("learner_id=12").learner_id() == "12"
    for query in ("", "course=1&course=2"):
        with pytest.raises(PageProblem, match="about one course"):
            parameters(query).course()
    for query in ("", "learner_id=%27"):
        with pytest.raises(PageProblem, match="learner"):
            parameters(query).learner_id()
