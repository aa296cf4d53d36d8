from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from zoho_people.model.planned_unit import Reason
from zoho_people.model.run_xcoms import PlanFigures
from zoho_people.steps.plan_table import plan_table

NOW = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
FIGURES = PlanFigures(units=1500, by_reason={"new": 1500, "carried": 12000}, requests=1620, minutes=53.0)


def told(slots: int = 30, **figures: Any) -> list[str]:
    text = plan_table(replace(FIGURES, **figures), slots=slots, window_s=60.0, now=NOW)
    return [" ".join(line.split()) for line in text.splitlines()]


def test_units_are_told_by_reason_with_what_it_means() -> None:
    assert told()[:3] == [
        "reason units",
        "new 1,500 asked: never fetched before",
        "carried 12,000 not asked: unchanged, the rows are carried forward",
    ]


def test_requests_minutes_and_the_end_are_told() -> None:
    assert told(slots=10)[4:] == [
        "units to fetch 1,500",
        "requests 1,620 about; more where a unit has new pages or a try fails",
        "minutes 53 at 10 requests in 60 s",
        "done 00:23 UTC on 2026-11-26, at the earliest",
    ]


def test_a_plan_with_nothing_to_fetch_has_no_end() -> None:
    assert not [line for line in told(units=0) if line.startswith("done")]


def test_the_share_of_the_days_quota_is_told_where_it_is_known() -> None:
    assert told(daily_budget=4500, spent_today=1200)[-1] == (
        "of the day's quota 36% of 4,500 requests; 1,200 are spent or booked"
    )
    assert told(daily_budget=0)[-1].startswith("of the day's quota 162000% of 0 requests")


def test_every_reason_fits_a_screen() -> None:
    by_reason = {reason.value: 10_000_000 for reason in Reason}
    text = plan_table(replace(FIGURES, by_reason=by_reason), slots=30, window_s=60.0, now=NOW)
    assert max(map(len, text.splitlines())) < 100
