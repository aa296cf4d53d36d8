from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.budget import Choice, LastFetch, choose

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def unit(learner: int) -> Unit:
    return Unit(Course("1"), str(learner), EntityType.FILES)


def days_ago(days: int, *, pages: int = 1) -> LastFetch:
    return LastFetch(NOON - timedelta(days=days), pages)


def learners(choice: Choice) -> list[int]:
    return [int(chosen.learner_id) for chosen in choice.units]


UNITS = [unit(1), unit(2), unit(3)]


def test_without_a_limit_everything_is_fetched_in_the_plans_order() -> None:
    history = {unit(3): days_ago(9), unit(1): days_ago(1)}
    assert choose(UNITS, history, left=None) == Choice(tuple(UNITS), 3, 0)


def test_a_unit_costs_as_many_requests_as_it_had_pages() -> None:
    history = {unit(1): days_ago(1, pages=4), unit(2): days_ago(1, pages=0)}
    assert choose(UNITS, history, left=None).requests == 4 + 1 + 1


def test_who_was_never_fetched_comes_first_and_then_who_waits_longest() -> None:
    history = {unit(1): days_ago(1), unit(2): days_ago(9)}
    assert learners(choose(UNITS, history, left=100)) == [3, 2, 1]
    assert learners(choose(UNITS, history, left=2)) == [3, 2]
    assert learners(choose(UNITS, history, left=1)) == [3]


def test_among_equals_the_plans_order_decides() -> None:
    assert learners(choose(UNITS, {}, left=2)) == [1, 2]


def test_what_does_not_fit_makes_room_for_what_does() -> None:
    history = {unit(1): days_ago(9, pages=5), unit(2): days_ago(8, pages=2), unit(3): days_ago(7, pages=2)}
    assert choose(UNITS, history, left=4) == Choice((unit(2), unit(3)), 4, 1)


def test_with_nothing_left_nothing_is_fetched() -> None:
    assert choose(UNITS, {}, left=0) == Choice((), 0, 3)


def test_nothing_planned_is_nothing_chosen() -> None:
    assert choose([], {}, left=5) == Choice((), 0, 0)


def test_a_history_of_other_units_does_no_harm() -> None:
    assert learners(choose(UNITS, {unit(99): days_ago(1, pages=50)}, left=3)) == [1, 2, 3]


def test_day_by_day_everybody_gets_a_turn() -> None:
    history: dict[Unit, LastFetch] = {}
    planned = [unit(learner) for learner in range(10)]
    for day in range(4):
        for chosen in choose(planned, history, left=3).units:
            history[chosen] = LastFetch(NOON + timedelta(days=day), 1)
    assert set(history) == set(planned)


@given(
    st.dictionaries(
        st.integers(0, 20), st.tuples(st.integers(0, 30), st.integers(-3, 9)) | st.none(), max_size=15
    ),
    st.none() | st.integers(0, 40),
)
def test_a_choice_never_costs_more_than_is_left_and_loses_no_unit(
    fetched: dict[int, tuple[int, int] | None], left: int | None
) -> None:
    planned = [unit(learner) for learner in fetched]
    history = {
        unit(learner): days_ago(last[0], pages=last[1])
        for learner, last in fetched.items()
        if last is not None
    }
    choice = choose(planned, history, left=left)
    assert left is None or choice.requests <= left
    assert len(choice.units) + choice.postponed == len(planned)
    assert set(choice.units) <= set(planned)
    assert len(set(choice.units)) == len(choice.units) <= choice.requests or not choice.units
