"""A unit's outcome: one of five where it was asked for, three where it was not."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a run knows of a unit in the end; the values stand in coverage and state."""

    FETCHED = "fetched"
    EMPTY = "empty"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    FAILED = "failed"
    CARRIED_FORWARD = "carried_forward"
    TYPE_ABSENT = "type_absent"
    LEFT = "left"


ANSWERED = (Outcome.FETCHED, Outcome.EMPTY)
"""The outcomes after which the learner's rows (perhaps none) are known."""

KNOWN = (*ANSWERED, Outcome.CARRIED_FORWARD, Outcome.TYPE_ABSENT)
"""After these the day's snapshot has all rows of the unit, or there are none."""

POSTPONED = "postponed: no requests are left for it today"
"""The error of a unit that is left for another day; its outcome is ``failed``."""
