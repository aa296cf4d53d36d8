"""Rows as they leave the server: JSON's own values, and no names for who may not see them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

Row = dict[str, Any]

PERSON = ("learner_id", "name", "email", "department", "manager", "location")
COURSE = ("course_id", "batch_id", "course_name")
"""The columns that say who, and in which course, in rows of the page's own."""


def json_rows(
    rows: Iterable[Mapping[str, Any]], columns: Iterable[str], *, hidden: Collection[str] = ()
) -> list[Row]:
    """The *columns* of *rows*; those that are *hidden* are null."""
    wanted = tuple(columns)
    return [{name: None if name in hidden else json_value(row.get(name)) for name in wanted} for row in rows]


def json_value(value: Any) -> Any:
    """*value* for JSON: instants in ISO 8601, UTC; what is no number is null."""
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def share(part: float, whole: float) -> float | None:
    """The share that *part* is of *whole*; of nothing there is none."""
    return part / whole if whole else None
