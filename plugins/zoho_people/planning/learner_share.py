"""The learners of a plan, shared out among tasks: none of which says who they are."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LEARNERS_OF_A_TASK = 25
MOST_TASKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerShare:
    """The learners of one of several tasks, the *number*-th (from 0) *of* them.

    Whose a learner is follows from the id alone, so it stays so when somebody else leaves the plan.
    """

    number: int
    of: int

    def among(self, learner_ids: Iterable[str]) -> Iterator[str]:
        """Those of *learner_ids* who are in this share."""
        return (each for each in learner_ids if zlib.crc32(each.encode()) % self.of == self.number)


def shares(learners: int) -> list[LearnerShare]:
    """The shares of so many *learners*, in few tasks of about the same size."""
    of = min(MOST_TASKS, math.ceil(learners / LEARNERS_OF_A_TASK))
    return [LearnerShare(number=number, of=of) for number in range(of)]
