from __future__ import annotations

import math

import pytest

from zoho_people.planning.task_capacity import MOST_TASKS, minutes, units_per_task


@pytest.mark.parametrize(
    ("units", "expected"),
    [(0, 1), (1, 1), (480, 1), (481, 2), (960, 2), (10_000, 21), (1_000_000, 2084)],
)
def test_a_task_has_one_unit_while_they_are_few_and_as_many_as_needed_later(
    units: int, expected: int
) -> None:
    assert units_per_task(units, most_tasks=1024) == expected


@pytest.mark.parametrize("units", [1, MOST_TASKS, MOST_TASKS + 1, 2400, 99_999, 1_000_000])
@pytest.mark.parametrize("most", [1, 7, 100, 1024])
def test_there_are_never_more_tasks_than_airflow_maps(units: int, most: int) -> None:
    assert math.ceil(units / units_per_task(units, most_tasks=most)) <= min(most, MOST_TASKS)


@pytest.mark.parametrize(
    ("requests", "window_s", "expected"),
    [
        (0, 60.0, 0.0),
        (1, 60.0, 0.0),
        (30, 60.0, 0.0),
        (31, 60.0, 1.0),
        (300, 60.0, 9.0),
        (310, 60.0, 10.0),
        (310, 6.0, 1.0),
    ],
)
def test_the_least_time_counts_the_windows_behind_the_first(
    requests: int, window_s: float, expected: float
) -> None:
    assert minutes(requests, per_window=30, window_s=window_s) == pytest.approx(expected)
