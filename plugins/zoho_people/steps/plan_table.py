"""The figures of a plan as two small tables for the log: units by reason, and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tabulate import tabulate

from zoho_people.model.planned_unit import Reason
from zoho_people.model.run_xcoms import PlanFigures

_MEANINGS: Mapping[Reason, str] = {
    Reason.NAMED: "asked: the run names the learner",
    Reason.NEW: "asked: never fetched before",
    Reason.CHANGED: "asked: Zoho's record of the learner in the course changed",
    Reason.DUE: "asked: fetched too many days ago",
    Reason.FAILED: "asked: not answered last time",
    Reason.PROBE: "asked: does the course have this type by now?",
    Reason.FULL: "asked: full refresh",
    Reason.CARRIED: "not asked: unchanged, the rows are carried forward",
    Reason.ABSENT: "not asked: nobody in the course has this type",
    Reason.LEFT: "not asked: no longer in the course",
    Reason.POSTPONED: "not asked: left for another day",
}


def plan_table(figures: PlanFigures, *, slots: int, window_s: float, now: datetime) -> str:
    """The *figures* of a plan as lines of at most 100 columns.

    *slots* requests are sent in *window_s* seconds; *now* is when fetching begins.
    """
    by_reason = {Reason(name): count for name, count in figures.by_reason.items()}
    rows = [(reason, f"{count:,}", _MEANINGS[reason]) for reason, count in by_reason.items()]
    units = _aligned(rows, headers=("reason", "units", ""))
    costs = _aligned(list(_costs(figures, slots=slots, window_s=window_s, now=now)))
    return f"{units}\n\n{costs}"


def _aligned(rows: Sequence[Sequence[str]], **options: Any) -> str:
    return str(
        tabulate(rows, tablefmt="plain", colalign=("left", "right", "left"), disable_numparse=True, **options)
    )


def _costs(
    figures: PlanFigures, *, slots: int, window_s: float, now: datetime
) -> Iterable[tuple[str, str, str]]:
    yield "units to fetch", f"{figures.units:,}", ""
    yield "requests", f"{figures.requests:,}", "about; more where a unit has new pages or a try fails"
    yield "minutes", f"{figures.minutes:,.0f}", f"at {slots} requests in {window_s:g} s"
    if figures.units:
        done = now + timedelta(minutes=figures.minutes)
        yield "done", f"{done:%H:%M}", f"UTC on {done:%Y-%m-%d}, at the earliest"
    budget = figures.daily_budget
    if budget is not None:
        share = figures.requests / max(1, budget)
        yield (
            "of the day's quota",
            f"{share:.0%}",
            f"of {budget:,} requests; {figures.spent_today:,} are spent or booked",
        )
