"""What each question about learners tells of a group, counted by pandas from its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

MORE: dict[str, dict[str, Any]] = {
    "stalled_learners": {"days": 3},
    "test_discrimination": {"least_learners": 3},
}


def share(part: Any, whole: Any) -> float | None:
    return part / whole if whole else None


def evidence(each: pd.DataFrame) -> dict[str, Any]:
    counts = {
        state: (each["state"] == state).sum() for state in ("done", "open", "nothing", "left", "unknown")
    }
    return {**counts, "share": share(counts["done"], counts["done"] + counts["open"])}


def open_mandatory(each: pd.DataFrame) -> dict[str, Any]:
    late = each[each["days_overdue"] > 0]
    return {
        "items": len(each),
        "learners_overdue": late["learner_id"].nunique(),
        "items_overdue": len(late),
        "mean_days_overdue": late["days_overdue"].mean(),
        "most_days_overdue": late["days_overdue"].max(),
    }


def overdue(each: pd.DataFrame) -> dict[str, Any]:
    days = each["days_overdue"]
    return {"items": len(each), "mean_days_overdue": days.mean(), "most_days_overdue": days.max()}


def completed_since(each: pd.DataFrame) -> dict[str, Any]:
    marks = (each["user_mark"] / each["max_mark"].where(each["max_mark"] > 0)).dropna()
    return {
        "items": len(each),
        "mandatory": each["is_mandatory"].eq(True).sum(),
        "mean_mark_share": marks.mean(),
    }


def stalled_learners(each: pd.DataFrame) -> dict[str, Any]:
    return {
        "courses": len(each),
        "share": each["completed"].sum() / each["entities"].sum(),
        "mean_days_unchanged": each["days_unchanged"].mean(),
        "most_days_unchanged": each["days_unchanged"].max(),
    }


def attempts_exhausted(each: pd.DataFrame) -> dict[str, Any]:
    mandatory = each["is_mandatory"].eq(True).sum()
    return {"tests": len(each), "mandatory": mandatory, "mean_mark_share": each["mark_share"].mean()}


def coverage_gaps(each: pd.DataFrame) -> dict[str, Any]:
    return {
        "units": len(each),
        "never_asked": (each["why"] == "never asked").sum(),
        "units_of_before": (each["rows"] > 0).sum(),
        "most_days_old": each["days_old"].max(),
    }


ROLL_UPS: dict[str, Callable[[pd.DataFrame], dict[str, Any]]] = {
    each.__name__: each
    for each in (
        *(attempts_exhausted, completed_since, coverage_gaps, evidence),
        *(open_mandatory, overdue, stalled_learners),
    )
}


def agree(question: str, rows: pd.DataFrame, found: list[dict[str, Any]]) -> None:
    """See that *found* is what *rows* are, by their ``group_name``."""
    truth = {
        group: {"learners": each["learner_id"].nunique(), **ROLL_UPS[question](each)}
        for group, each in rows.groupby("group_name")
    }
    assert [row["group_name"] for row in found] == sorted(truth)
    assert len(found) >= 1
    for row in found:
        expected = {
            name: None if pd.isna(value) else value for name, value in truth[row["group_name"]].items()
        }
        assert {name: row[name] for name in expected} == pytest.approx(expected), row["group_name"]
        assert set(row) == {"group_name", *expected, *({"compared_with"} & set(row))}
