from __future__ import annotations

import pytest

from zoho_people.model.entity_type import ENTITY_TYPE_NAMES, EntityType

CODES = {
    "offline_tests": 0,
    "online_tests": 1,
    "assignments": 2,
    "files": 3,
    "contents": 4,
    "sessions": 5,
    "links": 6,
    "pre_learning_tests": 7,
    "post_learning_tests": 8,
    "feedbacks": 9,
}


def test_the_ten_types_have_zohos_codes() -> None:
    assert {member.label: member.value for member in EntityType} == CODES


def test_the_names_are_in_the_order_of_the_codes() -> None:
    assert list(ENTITY_TYPE_NAMES) == list(CODES)


@pytest.mark.parametrize("member", EntityType)
def test_a_type_is_parsed_from_its_label_and_from_itself(member: EntityType) -> None:
    assert EntityType.parse(member.label) is member
    assert EntityType.parse(member) is member


@pytest.mark.parametrize("value", ["OFFLINE_TESTS", "offline tests", "", "0", 0, None, True, ["files"]])
def test_an_unknown_type_is_named_with_the_ten_that_are_known(value: object) -> None:
    with pytest.raises(ValueError, match="is unknown; use one of: ") as error:
        EntityType.parse(value)  # type: ignore[arg-type]
    assert repr(value) in str(error.value)
    assert all(name in str(error.value) for name in CODES)


@pytest.mark.parametrize("value", ["x" * 100_000, ["files"] * 10_000], ids=["text", "list"])
def test_a_long_value_does_not_flood_the_message(value: object) -> None:
    with pytest.raises(ValueError, match="is unknown; use one of: ") as error:
        EntityType.parse(value)  # type: ignore[arg-type]
    assert len(str(error.value)) < 300
