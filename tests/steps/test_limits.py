from __future__ import annotations

import pytest

from zoho_people.steps.limits import LIMITS, Limit


def test_what_is_within_the_limit_is_no_reason_to_complain() -> None:
    assert Limit(2, 3, "cure").complaint([]) is None
    assert Limit(2, 3, "cure").complaint(["abc", "de"]) is None


def test_too_many_entries_are_told_with_both_figures_and_the_cure() -> None:
    complaint = Limit(2, 3, "leave some out").complaint(["a", "b", "c"])
    assert complaint == "has 3 entries, and at most 2 are possible; leave some out"


def test_an_entry_that_is_too_long_is_told_with_both_figures() -> None:
    complaint = Limit(2, 3, "cure").complaint(["a", "b" * 4])
    assert complaint == "has an entry of 4 characters, and at most 3 are possible; shorten it"


def test_what_is_no_text_is_left_to_others() -> None:
    assert Limit(2, 3, "cure").complaint([12345, None]) is None


@pytest.mark.parametrize("name", ["courses", "learner_ids", "include", "exclude", "entity_types"])
def test_every_list_has_a_limit(name: str) -> None:
    assert LIMITS[name].items > 0
    assert LIMITS[name].chars > 0
