"""The day of a snapshot: the UTC day on which its run began to fetch, wherever the run's clock stands."""

from __future__ import annotations

from datetime import UTC, date, datetime


def snapshot_date_at(epoch_s: float) -> date:
    """The snapshot that a run belongs to which begins at *epoch_s*, seconds since the epoch."""
    return datetime.fromtimestamp(epoch_s, UTC).date()
