"""Which units a run asks for, and why: what is known of each, and what its course says of the learner today.

Pure: no clock, no file. What is known comes from :mod:`zoho_people.dataset.state`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from zoho_people.api.unit import Unit


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
    def is_asked(self) -> bool:
        """Whether the unit costs requests."""
        return self not in (Reason.CARRIED, Reason.ABSENT, Reason.LEFT, Reason.POSTPONED)


class Mode(StrEnum):
    """What a run refreshes: what changed, everything, or the learners that it was given by name."""

    CHANGED = "changed"
    FULL = "full"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be saved.

    A unit is asked for at the latest *full_every* after it was last fetched. With *skip_absent_types* a type
    that was empty for *absent_after* learners of a course, and for none not, is asked of *probes* learners a
    run only. *finds_left* says that the learners given are all that the course has: who is missing has left.
    """

    mode: Mode = Mode.CHANGED
    full_every: timedelta = timedelta(days=7)
    skip_absent_types: bool = True
    absent_after: int = 5
    probes: int = 3
    finds_left: bool = True


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit and what the run does about it.

    ``mark`` is the fingerprint of the learner's record in the course now, ``pages`` the requests to expect,
    ``last_at`` when the unit was last answered. Where the rows of that answer would do, they are ``rows``
    many, in the snapshot of ``snapshot_date``; else that is None.
    """

    unit: Unit
    reason: Reason
    mark: str | None = None
    pages: int = 1
    last_at: datetime | None = None
    rows: int = 0
    snapshot_date: date | None = None

    @property
    def is_carried(self) -> bool:
        """Whether the rows of an earlier snapshot stand for the unit: also when it had to be postponed."""
        return self.snapshot_date is not None and self.reason in (Reason.CARRIED, Reason.POSTPONED)
