"""How ``make bench-rate`` counts; the pace itself is part of ``tests/emulated/test_main_job.py``."""

from __future__ import annotations

from benchmarks.rate import median_s, most_in_window, spreads_s


def test_the_most_arrivals_of_a_window_are_counted_at_every_instant() -> None:
    assert most_in_window([], 60.0) == 0
    assert most_in_window([0.0, 30.0, 59.9, 60.0, 61.0], 60.0) == 4
    assert most_in_window([0.0, 60.0, 120.0], 60.0) == 1


def test_a_round_is_spread_from_its_first_request_to_its_last() -> None:
    assert spreads_s([0.0, 1.0, 4.0, 60.0, 61.0, 62.5, 120.0], 3) == [4.0, 2.5, 0.0]


def test_what_lies_between_two_rows_of_instants_is_told_by_its_median() -> None:
    assert median_s([0.0, 10.0, 20.0, 30.0], [1.0, 12.0, 29.0]) == 2.0
