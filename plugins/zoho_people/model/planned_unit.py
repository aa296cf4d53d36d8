"""A unit of a run's plan: whether the run asks for it, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from zoho_people.model.unit import Unit


class Reason(StrEnum):
    """Why a unit is asked for (the first seven), or why not."""

    NAMED = "named"
    NEW = "new"
    CHANGED = "changed"
    DUE = "due"
    FAILED = "failed"
    PROBE = "probe"
    FULL = "full"
    CARRIED = "carried"
    ABSENT = "absent"
    LEFT = "left"
    POSTPONED = "postponed"

    @property
    def is_to_fetch(self) -> bool:
        """Whether the unit costs requests."""
        return self not in (Reason.CARRIED, Reason.ABSENT, Reason.LEFT, Reason.POSTPONED)


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit and what the run does about it.

    ``fingerprint`` is that of the learner's record in the course now, ``pages`` the requests to expect,
    ``last_at`` when the unit was last answered, ``tried_at`` when it was last tried since without an answer. The
    rows of that answer are ``rows`` many, in the snapshot of ``snapshot_date``, None where none can be carried
    forward; they are outdated where the learner's record may have changed since. ``missed_at`` is when the learner
    was first missing, as it is to be known from now on.
    """

    unit: Unit
    reason: Reason
    fingerprint: str | None = None
    pages: int = 1
    last_at: datetime | None = None
    rows: int = 0
    snapshot_date: date | None = None
    tried_at: datetime | None = None
    missed_at: datetime | None = None
    is_outdated: bool = False

    @property
    def is_carried(self) -> bool:
        """Whether the rows of an earlier snapshot stand for the unit where the run has no answer."""
        return self.snapshot_date is not None and self.reason not in (Reason.ABSENT, Reason.LEFT)

    @property
    def is_fine_carried(self) -> bool:
        """Whether they do as well as an answer: none is asked for, and as far as is known it would be the same."""
        return self.is_carried and not self.reason.is_to_fetch and not self.is_outdated
