"""How a run's units are spread over mapped tasks, and how long their requests take at the least."""

from __future__ import annotations

import math

MOST_TASKS = 480
"""More mapped tasks make Airflow's scheduler and grid slow, and fetch nothing sooner: the pool has 30 slots."""


def units_per_task(units: int, *, most_tasks: int) -> int:
    """How many units one task fetches: one, unless that made more tasks than 480 or than Airflow maps."""
    return max(1, math.ceil(units / min(MOST_TASKS, most_tasks)))


def minutes(requests: int, *, per_window: int, window_s: float) -> float:
    """The least time that *requests* take at *per_window* requests in *window_s* seconds."""
    return max(0, math.ceil(requests / per_window) - 1) * window_s / 60.0
