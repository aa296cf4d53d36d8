"""The table, as text that is Markdown too."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.chaos.verdict import Verdict

HEADERS = (
    "fault",
    "times",
    "requests",
    "repeated",
    "rows missing",
    "rows doubled",
    "most in a window",
    "locks caused",
    "time",
    "clean",
    "cleared by hand",
    "files read, wrong",
)


def header() -> str:
    """The first two lines."""
    return f"{_line(HEADERS)}\n|---|{'---:|' * (len(HEADERS) - 1)}"


def row(verdict: Verdict) -> str:
    """One trial."""
    clean = "" if verdict.clean_s is None else f"{verdict.clean_s:.0f} s"
    return _line(
        (
            verdict.fault,
            verdict.times,
            verdict.requests,
            verdict.repeated,
            verdict.missing,
            verdict.doubled,
            verdict.most,
            verdict.locks,
            f"{verdict.seconds:.0f} s",
            clean,
            verdict.cleared,
            f"{verdict.readings:,}, {verdict.misread}",
        )
    )


def notes(verdicts: Iterable[Verdict]) -> str:
    """What the table has no column for."""
    return "\n".join(f"{verdict.name}: {note}" for verdict in verdicts for note in verdict.notes)


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
