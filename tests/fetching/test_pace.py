from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoho_people.fetching.pace import LEAD_S, Pace


def test_a_slot_is_held_for_the_window_less_the_lead() -> None:
    assert Pace(60.0, lead_s=3.0).slot_free_at(1_000.0) == 1_057.0


def test_the_same_process_waits_for_the_whole_window() -> None:
    assert Pace(60.0, lead_s=3.0).next_request_at(1_000.0) == 1_060.0


def test_the_lead_has_a_default() -> None:
    assert Pace(60.0).lead_s == LEAD_S


@pytest.mark.parametrize("window_s", [0.5, 1.0, 3.0])
def test_a_window_shorter_than_the_lead_is_never_freed_before_the_answer(window_s: float) -> None:
    assert Pace(window_s, lead_s=3.0).slot_free_at(1_000.0) == 1_000.0


@given(st.floats(1.0, 86_400.0), st.floats(0.0, 30.0), st.floats(0.0, 4e9))
def test_a_successor_never_sends_within_the_window(
    window_s: float, lead_s: float, answered_at: float
) -> None:
    pace = Pace(window_s, lead_s=lead_s)
    earliest_successor = pace.slot_free_at(answered_at) + pace.lead_s
    assert earliest_successor >= answered_at + window_s - 1e-5
    assert pace.next_request_at(answered_at) <= earliest_successor + 1e-5
