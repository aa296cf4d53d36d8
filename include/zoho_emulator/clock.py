"""The time of day, as a clock that never goes backwards."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Gives unix seconds; each value is at least the one before."""


def anchored_clock() -> Clock:
    """Unix seconds that follow the monotonic clock from now on, whatever happens to the system's time."""
    anchor = time.time() - time.monotonic()
    return lambda: anchor + time.monotonic()
