from __future__ import annotations

import pytest

from zoho_people.zoho.bounds import LIST_PAGES, UNIT_PAGES, Bounds
from zoho_people.zoho.errors import InvalidSettings


def bounds(**options: str) -> Bounds:
    return Bounds.parse(lambda name: options.get(name, ""))


def test_options_that_are_not_set_leave_the_usual_bounds() -> None:
    assert bounds() == Bounds(answer_mib=8, unit_pages=200, list_pages=8_000)


def test_each_option_sets_its_own() -> None:
    assert bounds(max_answer_mib="1", max_pages_of_a_unit="2", max_pages_of_a_list="3") == Bounds(1, 2, 3)


@pytest.mark.parametrize("name", ["max_answer_mib", "max_pages_of_a_unit", "max_pages_of_a_list"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "1e3", "99999999", "٣"])
def test_a_value_that_cannot_be_is_refused_with_option_value_and_range(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings) as error:
        bounds(**{name: value})
    assert error.value.message.startswith(
        f"{name} {value!r} in the section [zoho_people] of Airflow's config"
    )
    assert " from 1 to " in error.value.message


@pytest.mark.parametrize(
    ("said", "figure", "option"),
    [
        (Bounds().too_large, "8 MiB", "max_answer_mib"),
        (Bounds().too_long(UNIT_PAGES), "200 pages", "max_pages_of_a_unit"),
        (Bounds().too_long(LIST_PAGES), "8,000 pages", "max_pages_of_a_list"),
    ],
)
def test_what_is_said_beyond_a_bound_has_its_figure_and_its_option(
    said: str, figure: str, option: str
) -> None:
    assert figure in said
    assert f"raise {option} in the section [zoho_people]" in said
