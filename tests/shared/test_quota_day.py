from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from zoho_people.shared.quota_day import next_quota_day_at, quota_day

LATE = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
IN_INDIA = timezone(timedelta(hours=5, minutes=30))


def test_the_day_is_that_of_utc_wherever_a_clock_is() -> None:
    assert quota_day(LATE) == date(2026, 12, 31)
    assert quota_day(LATE.astimezone(IN_INDIA)) == date(2026, 12, 31)
    assert quota_day(LATE.timestamp()) == date(2026, 12, 31)
    assert quota_day(LATE.timestamp() + 1) == date(2027, 1, 1)


def test_the_next_day_begins_at_midnight_utc() -> None:
    assert next_quota_day_at(LATE) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_quota_day_at(LATE + timedelta(seconds=1)) == datetime(2027, 1, 2, tzinfo=UTC)
    assert next_quota_day_at(LATE.timestamp()) == datetime(2027, 1, 1, tzinfo=UTC)
