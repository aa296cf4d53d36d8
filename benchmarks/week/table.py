"""The days as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.week.day import Change, Day

HEADERS = (
    "day",
    "requests: rosters",
    "progress",
    "in all",
    "of `full`",
    "course-progress records changed",
    "learners with other entity records",
    "entity records changed",
    "rows",
    "rows wrong / missing / doubled",
)


def table(days: list[Day], changes: list[Change | None], full: float) -> Iterator[str]:
    """The days as Markdown."""
    yield _line(HEADERS)
    yield f"|---|{'---:|' * (len(HEADERS) - 1)}"
    for day, change in zip(days, changes, strict=True):
        differences = day.seen.differences
        changed = (
            ("",) * 3
            if change is None
            else (f"{change.by_course_progress:,}", f"{change.by_entities:,}", f"{change.entities:,}")
        )
        yield _line(
            (
                day.name,
                f"{day.lists:,}",
                f"{day.progress:,}",
                f"{day.requests:,}",
                f"{day.requests / full:.1%}",
                *changed,
                f"{day.seen.rows:,}",
                f"{differences.wrong} / {differences.missing} / {differences.doubled}",
            )
        )


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
