"""The table, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from benchmarks.peers.trial import Run

HEADERS = (
    "",
    "useful requests a minute",
    "locks caused: first, second, killed run",
    "complete after: first",
    "second",
    "killed at half",
    "requests: first",
    "second",
    "killed",
    "rows missing / wrong / doubled: first",
    "second",
    "killed",
    "starts",
)


def table(results: Mapping[str, list[Run]], limit_s: float) -> str:
    """One line for each contender."""
    lines = [_line(HEADERS), f"|---|{'---:|' * (len(HEADERS) - 1)}"]
    lines += [_line(_cells(name, runs, limit_s)) for name, runs in results.items()]
    return "\n".join(lines)


def _cells(name: str, runs: list[Run], limit_s: float) -> list[object]:
    first = runs[0]
    pace = first.useful / (first.seconds or limit_s) * 60
    return [
        name,
        f"{pace:.1f}",
        ", ".join(str(run.locks) for run in runs),
        *(_time(run, limit_s) for run in runs),
        *(run.requests for run in runs),
        *(run.rows for run in runs),
        ", ".join(str(run.starts) for run in runs),
    ]


def _time(run: Run, limit_s: float) -> str:
    if run.seconds is None:
        return f"never within {limit_s:.0f} s"
    return f"{run.seconds:.0f} s" if run.rows.complete else f"never (ended after {run.seconds:.0f} s)"


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
