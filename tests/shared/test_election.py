from __future__ import annotations

import pytest

from zoho_people.shared.election import CLAIM_FRESH_S, CLAIM_WAIT_S, is_elected
from zoho_people.shared.text import MemoryText

NOW = 1_764_000_000.0


class Candidate:
    """A candidate whose pause is when *others* write."""

    def __init__(self, claim: MemoryText, *, others: str | None = None, now: float = NOW) -> None:
        self.claim = claim
        self.others = others
        self.now = now
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.others is not None:
            self.claim.save(self.others)

    def won(self) -> bool:
        return is_elected(self.claim, clock=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def claim() -> MemoryText:
    return MemoryText()


def test_who_stands_alone_wins_when_the_others_had_their_time(claim: MemoryText) -> None:
    candidate = Candidate(claim)
    assert candidate.won()
    assert candidate.slept == [CLAIM_WAIT_S]


def test_who_is_written_over_loses(claim: MemoryText) -> None:
    assert not Candidate(claim, others=f"{NOW:.3f} a rival").won()


def test_of_two_that_stand_at_the_same_moment_only_the_later_wins(claim: MemoryText) -> None:
    later = Candidate(claim)
    won: dict[str, bool] = {}

    def the_later_stands(seconds: float) -> None:
        claim.save("")  # as it was when the later looked
        won["later"] = later.won()

    won["earlier"] = is_elected(claim, clock=lambda: NOW, sleep=the_later_stands)
    assert won == {"earlier": False, "later": True}


def test_a_fresh_claim_of_another_is_left_alone_at_once(claim: MemoryText) -> None:
    claim.save(f"{NOW - CLAIM_FRESH_S + 0.1:.3f} a rival")
    candidate = Candidate(claim)
    assert not candidate.won()
    assert candidate.slept == []
    assert "a rival" in (claim.load() or "")


def test_a_stale_claim_keeps_nobody_from_standing(claim: MemoryText) -> None:
    claim.save(f"{NOW - CLAIM_FRESH_S:.3f} a process that died")
    assert Candidate(claim).won()


@pytest.mark.parametrize("text", ["", "garbage", "nan x", "1e999 x", "-1e999 x", "99999999999 of the future"])
def test_a_claim_that_makes_no_sense_keeps_nobody_from_standing(claim: MemoryText, text: str) -> None:
    claim.save(text)
    assert Candidate(claim).won()
