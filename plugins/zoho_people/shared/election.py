"""Which process does something, such as mint a token, of all that want to at one moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from zoho_people.shared.text import SharedText

CLAIM_FRESH_S = 20.0
"""How long a claim keeps others from standing: longer than an election and a mint take."""

CLAIM_WAIT_S = 1.5
"""How long a candidate waits for the claims of those that stand at the same moment."""


def is_elected(claim: SharedText, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> bool:
    """Stand for election, which takes a moment; whether this process is the one of those that do.

    *claim* is the one text that all candidates write and read. It knows no compare-and-set: each candidate writes
    its name, lets the others do so, and the last one written wins. A fresh name of another means that the election
    is over. *clock* tells seconds since the epoch.
    """
    now = clock()
    if 0 <= now - _claimed_at(claim.load()) < CLAIM_FRESH_S:
        return False
    mine = f"{now:.3f} {uuid.uuid4()}"
    claim.save(mine)
    sleep(CLAIM_WAIT_S)
    return claim.load() == mine


def _claimed_at(claim: str | None) -> float:
    """When *claim* was made, in seconds since the epoch; long ago where it makes no sense."""
    try:
        return float((claim or "").partition(" ")[0] or "0")
    except ValueError:
        return 0.0
