"""How an entity of a learner can differ from one snapshot to the next."""

from __future__ import annotations

from enum import StrEnum


class Change(StrEnum):
    """A row of the dataset ``changes`` has one: of an entity that changed in several ways, the first of these."""

    ADDED = "added"
    GONE = "gone"
    COMPLETED = "completed"
    REOPENED = "reopened"
    MARK_CHANGED = "mark_changed"
    STATUS_CHANGED = "status_changed"
