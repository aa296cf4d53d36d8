"""What a run refreshes, and which requests it may save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_SLACK = timedelta(hours=12)


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
    run only, and one that the course can't have of nobody. *finds_left* says that the learners given are all
    that the course has: who is missing a second time, on a later day, has left.
    """

    mode: Mode = Mode.CHANGED
    full_every: timedelta = timedelta(days=7)
    skip_absent_types: bool = True
    absent_after: int = 5
    probes: int = 3
    finds_left: bool = True

    @property
    def knows_all(self) -> bool:
        """Whether a learner who is not among those given is not in the course."""
        return self.finds_left and self.mode is not Mode.NAMED

    @property
    def due_after(self) -> timedelta:
        """The age from which an answer is too old: a bit less, so that a run somewhat early doesn't slip a day."""
        return self.full_every - min(_SLACK, self.full_every / 2)
