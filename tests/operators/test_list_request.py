from __future__ import annotations

from typing import Any

import pytest

from zoho_people.model.unit import Course
from zoho_people.operators.list_request import ListRequest
from zoho_people.planning.course_filter import CourseFilter, Rule


def parse(**options: Any) -> ListRequest:
    return ListRequest.parse(
        **{"endpoint": "courses", "courses": None, "include": None, "exclude": None, **options}
    )


def test_everything_but_the_endpoint_may_be_left_out() -> None:
    assert parse() == ListRequest("courses", wanted=CourseFilter())
    assert parse(courses=[], include="", exclude="[]") == parse()


@pytest.mark.parametrize("courses", [["1", "2/21"], ("1", "2/21"), '["1", "2/21"]'])
def test_lists_may_be_lists_or_json(courses: Any) -> None:
    request = parse(endpoint="learners", courses=courses, include='["type:blended"]', exclude=["7"])
    assert request.endpoint == "learners"
    assert request.courses == (Course("1"), Course("2", "21"))
    assert request.wanted == CourseFilter((Rule("type", "blended"),), (Rule("id", "7"),))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"endpoint": "rosters"}, "endpoint 'rosters' is unknown; use one of: courses, learners"),
        ({"endpoint": None}, "endpoint None is unknown"),
        ({"endpoint": ["courses"]}, "is unknown"),
        ({"endpoint": "learners"}, "courses is empty"),
        ({"courses": ["1/2/3"]}, "course '1/2/3' is not a course"),
        ({"courses": [1]}, "course 1 is not a course"),
        ({"courses": "1"}, "courses '1' is not a list of texts"),
        ({"courses": '{"1": 2}'}, "is not a list of texts"),
        ({"courses": {"1"}}, "is not a list of texts"),
        ({"include": ["Safety"]}, "'Safety' is not a filter; write "),
        ({"exclude": "type:blended"}, "exclude 'type:blended' is not a list of texts"),
    ],
)
def test_what_cannot_be_is_refused_by_name(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(**options)
