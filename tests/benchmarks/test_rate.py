"""How ``make bench-rate`` counts; the pace itself is part of ``tests/emulated/test_main_job.py``."""

from __future__ import annotations

from benchmarks.rate import most_in_window


def test_the_most_arrivals_of_a_window_are_counted_at_every_instant() -> None:
    assert most_in_window([], 60.0) == 0
    assert most_in_window([0.0, 30.0, 59.9, 60.0, 61.0], 60.0) == 4
    assert most_in_window([0.0, 60.0, 120.0], 60.0) == 1
