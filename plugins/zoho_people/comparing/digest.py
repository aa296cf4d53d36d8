"""What changed on a day, in counts: for a log, and for those whom Airflow tells of it. Names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tabulate import tabulate

from zoho_people.comparing.snapshot_comparison import DayChanges
from zoho_people.model.change import Change
from zoho_people.model.wording import counted

MOST_COURSES = 12
"""How many courses have a line of their own: those with the most changes."""


def as_extra(found: DayChanges) -> dict[str, Any]:
    """The counts as plain JSON values."""
    previous = max(found.compared, default=None)
    return {
        "snapshot_date": found.day.isoformat(),
        "previous_snapshot_date": None if previous is None else previous.isoformat(),
        "changes": {change.value: found.by_change[change] for change in Change},
        "learners": len(found.learners),
        "courses": len(found.by_course),
        "units": {
            "compared": sum(found.compared.values()),
            "first_seen": found.first_seen,
            "unknown": found.unknown,
            "not_kept": found.lost,
        },
    }


def as_text(found: DayChanges) -> str:
    """The counts as a person reads them in a log."""
    lines = [f"Changes of snapshot_date={found.day}: {_sentence(found.by_change, len(found.learners))}"]
    lines += [_compared(found)]
    if found.by_course:
        lines += [_table(found.by_course)]
    return "\n".join(lines)


def _sentence(by_change: Mapping[str, int], learners: int) -> str:
    if not any(by_change.values()):
        return "none"
    named = ", ".join(f"{by_change[change]:,} {_word(change)}" for change in Change if by_change[change])
    return f"{named}; of {counted(learners, 'learner')}"


def _compared(found: DayChanges) -> str:
    days = sorted(found.compared, reverse=True)
    parts = [f"compared {counted(found.compared[day], 'unit')} with {day}" for day in days]
    if found.failures:
        parts.append(f"{counted(len(found.failures), 'course')} could not be compared, see above")
    elif not days:
        parts.append("nothing to compare: no unit was known in an earlier snapshot")
    if found.first_seen:
        parts.append(f"{counted(found.first_seen, 'unit')} known for the first time")
    if found.unknown:
        parts.append(f"{counted(found.unknown, 'unit')} not known on that day")
    if found.lost:
        parts.append(f"{counted(found.lost, 'unit')} whose earlier rows are not kept any more")
    return "; ".join(parts)


def _table(by_course: Mapping[Any, Mapping[str, int]]) -> str:
    most = sorted(by_course, key=lambda course: (-sum(by_course[course].values()), str(course)))
    rows = [[f"course {course}", *_cells(by_course[course])] for course in most[:MOST_COURSES]]
    rest = most[MOST_COURSES:]
    if rest:
        total = {change.value: sum(by_course[course][change] for course in rest) for change in Change}
        rows.append([counted(len(rest), "other course"), *_cells(total)])
    headings = ["", *(_word(change) for change in Change)]
    alignment = ("left", *["right"] * len(Change))
    return str(tabulate(rows, headers=headings, tablefmt="plain", colalign=alignment, disable_numparse=True))


def _cells(by_change: Mapping[str, int]) -> list[str]:
    return [f"{by_change[change]:,}" for change in Change]


def _word(change: Change) -> str:
    return change.value.replace("_", " ")
