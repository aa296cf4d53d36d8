"""When an entity counts as completed: by the status that Zoho sent."""

from __future__ import annotations

COMPLETED = "completed"
"""Zoho's status of a completed entity, in lower case and without blanks around it."""


def is_completed(status: str | None) -> bool:
    """Whether *status* says completed, in any case and with blanks around it; no status does not."""
    return status is not None and status.strip().lower() == COMPLETED
