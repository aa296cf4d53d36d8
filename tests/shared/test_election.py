from __future__ import annotations

import pytest

from zoho_people.shared.election import BALLOT_FRESH_S, BALLOT_WAIT_S, is_elected
from zoho_people.shared.text import MemoryText

NOW = 1_764_000_000.0


class Candidate:
    """A candidate whose pause is when *others* write."""

    def __init__(self, ballot: MemoryText, *, others: str | None = None, now: float = NOW) -> None:
        self.ballot = ballot
        self.others = others
        self.now = now
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.others is not None:
            self.ballot.save(self.others)

    def won(self) -> bool:
        return is_elected(self.ballot, clock=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def ballot() -> MemoryText:
    return MemoryText()


def test_who_stands_alone_wins_when_the_others_had_their_time(ballot: MemoryText) -> None:
    candidate = Candidate(ballot)
    assert candidate.won()
    assert candidate.slept == [BALLOT_WAIT_S]


def test_who_is_written_over_loses(ballot: MemoryText) -> None:
    assert not Candidate(ballot, others=f"{NOW:.3f} a rival").won()


def test_of_two_that_stand_at_the_same_moment_only_the_later_wins(ballot: MemoryText) -> None:
    later = Candidate(ballot)
    won: dict[str, bool] = {}

    def the_later_stands(seconds: float) -> None:
        ballot.save("")  # as it was when the later looked
        won["later"] = later.won()

    won["earlier"] = is_elected(ballot, clock=lambda: NOW, sleep=the_later_stands)
    assert won == {"earlier": False, "later": True}


def test_the_fresh_name_of_another_is_left_alone_at_once(ballot: MemoryText) -> None:
    ballot.save(f"{NOW - BALLOT_FRESH_S + 0.1:.3f} a rival")
    candidate = Candidate(ballot)
    assert not candidate.won()
    assert candidate.slept == []
    assert "a rival" in (ballot.load() or "")


def test_a_stale_name_keeps_nobody_from_standing(ballot: MemoryText) -> None:
    ballot.save(f"{NOW - BALLOT_FRESH_S:.3f} a process that died")
    assert Candidate(ballot).won()


@pytest.mark.parametrize("text", ["", "garbage", "nan x", "1e999 x", "-1e999 x", "99999999999 of the future"])
def test_a_name_that_makes_no_sense_keeps_nobody_from_standing(ballot: MemoryText, text: str) -> None:
    ballot.save(text)
    assert Candidate(ballot).won()
