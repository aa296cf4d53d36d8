"""The day of Zoho's daily quota: it begins at midnight, UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def quota_day(moment: datetime | float) -> date:
    """The day of *moment*, a time with its zone or seconds since the epoch."""
    at = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    return at.astimezone(UTC).date()


def next_quota_day_at(moment: datetime | float) -> datetime:
    """When the day after that begins."""
    return datetime.combine(quota_day(moment) + timedelta(days=1), time(), UTC)
