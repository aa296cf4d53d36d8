from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit, parse_id, shown

IDS = st.text("0123456789", min_size=1, max_size=32)
NOT_IDS = [
    "",
    " ",
    "12 ",
    "12\n",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x1",
    "1_000",
    "abc",
    "١٢٣",
    "../1",
    "1/2",
    "1?x=2",
    "9" * 33,
    219200000000039001,
    1.0,
    True,
    None,
    b"1",
]


@given(IDS)
def test_a_string_of_digits_is_an_id_as_it_is(text: str) -> None:
    assert parse_id(text, field="learner") == text


@pytest.mark.parametrize("value", NOT_IDS)
def test_anything_else_is_refused_by_field_and_value(value: object) -> None:
    with pytest.raises(
        ValueError, match=r"^learner .* is not an id; write Zoho's id as a string of digits$"
    ) as error:
        parse_id(value, field="learner")
    assert repr(value) in str(error.value)


@given(IDS)
def test_a_course_is_parsed_from_what_it_prints(course_id: str) -> None:
    course = Course.parse(course_id)
    assert course == Course(course_id, None)
    assert Course.parse(str(course)) == course


@given(IDS, IDS)
def test_a_batch_is_parsed_from_what_it_prints(course_id: str, batch_id: str) -> None:
    course = Course.parse(f"{course_id}/{batch_id}")
    assert course == Course(course_id, batch_id)
    assert Course.parse(str(course)) == course


@pytest.mark.parametrize(
    "text", [*(value for value in NOT_IDS if value != "1/2"), "1/", "/1", "1/2/3", "1/ 2", "1//2"]
)
def test_what_is_no_course_is_refused_with_the_way_to_write_one(text: object) -> None:
    with pytest.raises(ValueError, match="write 'courseId' or 'courseId/batchId' in digits") as error:
        Course.parse(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize(
    ("ids", "field"),
    [({"course_id": "x"}, "course_id"), ({"course_id": "1", "batch_id": ""}, "batch_id")],
)
def test_a_course_is_never_made_of_other_than_ids(ids: dict[str, str], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field} "):
        Course(**ids)


def test_a_unit_is_never_about_other_than_an_id() -> None:
    with pytest.raises(ValueError, match=r"^learner_id "):
        Unit(Course("1"), "2/../3", EntityType.FILES)


def test_a_unit_says_what_it_is() -> None:
    assert str(Unit(Course("1"), "3", EntityType.FILES)) == "course 1, learner 3, files"
    assert str(Unit(Course("1", "2"), "3", EntityType.LINKS)) == "course 1/2, learner 3, links"


@pytest.mark.parametrize("value", ["x", 80, None, "x" * 78])
def test_a_value_is_quoted_as_it_is(value: object) -> None:
    assert shown(value) == repr(value)


@pytest.mark.parametrize("value", ["x" * 79, "x" * 100_000, ["x"] * 1000, 10**4000])
def test_a_long_value_is_quoted_shortened(value: object) -> None:
    assert shown(value) == repr(value)[:80] + "…"


def test_a_long_id_or_course_does_not_flood_the_message() -> None:
    for refuse in (lambda: parse_id("x" * 100_000, field="learner"), lambda: Course.parse("x" * 100_000)):
        with pytest.raises(ValueError, match=r"(in|of) digits$") as error:
            refuse()
        assert len(str(error.value)) < 300
