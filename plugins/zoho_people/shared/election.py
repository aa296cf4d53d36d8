"""Which process may mint a token, of all that want to at one moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from zoho_people.shared.text import SharedText

CLAIM_FRESH_S = 20.0
"""How long a claim keeps others from standing: longer than an election and a mint take."""

CLAIM_WAIT_S = 1.5
"""How long a candidate waits for the claims of those that stand at the same moment."""


class MintElection:
    """An election by the one text that all candidates write and read.

    The text knows no compare-and-set: each candidate writes its name, lets the others do so, and the last one
    written wins. A fresh name of another means that the election is over. *clock* tells seconds since the epoch.
    """

    def __init__(
        self,
        claim: SharedText,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        wait_s: float = CLAIM_WAIT_S,
    ) -> None:
        self._claim = claim
        self._clock = clock
        self._sleep = sleep
        self._wait_s = wait_s

    def won(self) -> bool:
        """Stand for election, which takes *wait_s* seconds; whether this process may mint."""
        now = self._clock()
        if 0 <= now - _claimed_at(self._claim.load()) < CLAIM_FRESH_S:
            return False
        mine = f"{now:.3f} {uuid.uuid4()}"
        self._claim.save(mine)
        self._sleep(self._wait_s)
        return self._claim.load() == mine


def _claimed_at(claim: str | None) -> float:
    """When *claim* was made, in seconds since the epoch; long ago where it makes no sense."""
    try:
        return float((claim or "").partition(" ")[0] or "0")
    except ValueError:
        return 0.0
