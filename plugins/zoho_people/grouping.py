"""How a run's units are spread over mapped tasks, and how long their requests take at the least."""

from __future__ import annotations

import math

SINGLE_UNITS = 120
"""Up to so many units (four windows' worth) each has a task of its own, which the UI's grid names.

Beyond, the pace counts: a task's own next request comes exactly a window after its last, a new task's about
a second later, which is what Airflow takes to end one task and start another (docs/performance.md).
"""

FEWEST_UNITS = 5
"""The units of a task beyond that."""

MOST_TASKS = 480
"""More mapped tasks make Airflow's scheduler and grid slow, and fetch nothing sooner: the pool has 30 slots."""


def units_per_task(units: int, *, most_tasks: int) -> int:
    """How many units one task fetches, so that there are at most *most_tasks* tasks (Airflow's own limit)."""
    if units <= min(SINGLE_UNITS, most_tasks):
        return 1
    return max(FEWEST_UNITS, math.ceil(units / min(MOST_TASKS, most_tasks)))


def minutes(requests: int, *, per_window: int, window_s: float) -> float:
    """The least time that *requests* take at *per_window* requests in *window_s* seconds."""
    return max(0, math.ceil(requests / per_window) - 1) * window_s / 60.0
