from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.fetching.pace import HANDOVER_S, LEAD_S, Pace


def test_a_slot_is_held_for_the_window_less_what_the_next_task_needs_until_its_request() -> None:
    assert Pace(60.0, lead_s=3.0, handover_s=0.5).slot_free_at(1_000.0) == 1_056.5


def test_the_same_process_waits_for_the_whole_window() -> None:
    assert Pace(60.0, lead_s=3.0).next_request_at(1_000.0) == 1_060.0


def test_lead_and_handover_have_defaults() -> None:
    assert (Pace(60.0).lead_s, Pace(60.0).handover_s) == (LEAD_S, HANDOVER_S)


@pytest.mark.parametrize("window_s", [0.5, 1.0, 3.0])
def test_a_window_shorter_than_the_lead_is_never_freed_before_the_answer(window_s: float) -> None:
    assert Pace(window_s, lead_s=3.0).slot_free_at(1_000.0) == 1_000.0


@given(st.floats(0.5, LEAD_S), st.floats(0.0, 4e9))
def test_in_a_window_no_longer_than_the_lead_no_successor_can_send(
    window_s: float, answered_at: float
) -> None:
    pace = Pace(window_s)
    assert pace.slot_free_at(answered_at) + pace.lead_s >= answered_at + window_s


@given(st.floats(LEAD_S, 86_400.0), st.floats(0.0, 30.0), st.floats(0.0, 4e9))
def test_a_successor_is_ready_a_handover_before_its_turn_and_no_sooner(
    window_s: float, lead_s: float, answered_at: float
) -> None:
    pace = Pace(window_s, lead_s=lead_s)
    ready_at = pace.slot_free_at(answered_at) + pace.lead_s
    assert ready_at + pace.handover_s >= pace.next_request_at(answered_at) - 1e-5
