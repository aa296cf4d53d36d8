"""The pace with a scaled window; ``make bench-rate`` measures it with the real one."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from benchmarks import rate
from tests.emulated.journey import most_in_window


@pytest.mark.emulated
def test_no_window_holds_more_requests_than_the_threshold(tmp_path: Path) -> None:
    args = Namespace(requests=40, threshold=10, window_seconds=20.0)

    state, arrivals, locks, _ = rate.measure(args, tmp_path / "airflow")

    assert state == "success"
    assert len(arrivals) == args.requests
    assert most_in_window(arrivals, args.window_seconds) == args.threshold
    assert locks == 0


def test_the_most_arrivals_of_a_window_are_counted_at_every_instant() -> None:
    assert rate.most_in_window([], 60.0) == 0
    assert rate.most_in_window([0.0, 30.0, 59.9, 60.0, 61.0], 60.0) == 4
    assert rate.most_in_window([0.0, 60.0, 120.0], 60.0) == 1
