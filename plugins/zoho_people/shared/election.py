"""Which process does something, such as mint a token, of all that want to at one moment."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from zoho_people.shared.text import SharedText

BALLOT_FRESH_S = 20.0
"""How long a name keeps others from standing: longer than an election and a mint take."""

BALLOT_WAIT_S = 1.5
"""How long a candidate waits for the names of those that stand at the same moment."""


def is_elected(ballot: SharedText, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> bool:
    """Stand for election, which takes a moment; whether this process is the one of those that do.

    *ballot* is the one text that all candidates write and read. It knows no compare-and-set: each candidate writes
    its name, lets the others do so, and the last one written wins. A fresh name of another means that the election
    is over. *clock* tells seconds since the epoch.
    """
    now = clock()
    if 0 <= now - _written_at(ballot.load()) < BALLOT_FRESH_S:
        return False
    mine = f"{now:.3f} {uuid.uuid4()}"
    ballot.save(mine)
    sleep(BALLOT_WAIT_S)
    return ballot.load() == mine


def _written_at(ballot: str | None) -> float:
    """When the name on *ballot* was written, in seconds since the epoch; long ago where it makes no sense."""
    try:
        return float((ballot or "").partition(" ")[0] or "0")
    except ValueError:
        return 0.0
