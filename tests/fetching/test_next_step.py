from __future__ import annotations

from zoho_people.fetching.next_step import NextStep, Then


def test_a_move_is_about_no_request_unless_it_says_so() -> None:
    move = NextStep(Then.ASK_AGAIN, 5.0)
    assert (move.answered_at, move.error, move.rejections, move.kept) == (None, None, 0, None)
