"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

# Hypothesis judges what it finds, not how long a busy machine took to find it.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody shall take a run without a browser for one with it."""
    skipped = [report for report in terminalreporter.getreports("skipped") if "test_browser" in report.nodeid]
    if skipped:
        terminalreporter.section("NOTHING WAS TESTED IN A BROWSER", sep="!", red=True, bold=True)
        for reason in sorted({str(report.longrepr[2]) for report in skipped}):
            terminalreporter.write_line(reason, red=True)
