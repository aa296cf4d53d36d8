"""Whom Zoho did not find, by a run's coverage: no failure, but nothing to be silent about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from zoho_people.model.outcome import ANSWERED, Outcome
from zoho_people.model.unit import Course
from zoho_people.publishing.coverage import Coverage
from zoho_people.storage.arrow_columns import values

_SAMPLE = 5
_FOUND = pa.array((*ANSWERED, Outcome.CARRIED_FORWARD, Outcome.FORBIDDEN), pa.string())
"""The outcomes by which Zoho knows the learner."""


def not_found(coverage: Coverage) -> tuple[int, list[tuple[Course, str]]]:
    """How many units Zoho did not find, and the first few (course, learner id) of them; read a part at a time."""
    units, sample = 0, dict[tuple[Course, str], None]()
    for course, table in coverage.courses("learner_id", "outcome"):
        learners = _learners(table, pc.equal(table["outcome"], pa.scalar(Outcome.NOT_FOUND)))
        units += len(learners)
        for learner_id in learners if len(sample) < _SAMPLE else ():
            sample[course, learner_id] = None
    return units, list(sample)[:_SAMPLE]


@dataclass(frozen=True, slots=True)
class UnknownLearners:
    """*unknown* are the learners whom Zoho found in no course of the run.

    *found* is the number of those whom it did find, *everybody* that of all whom the run names: about the rest
    nothing was asked this time.
    """

    unknown: Sequence[str]
    found: int
    everybody: int

    @classmethod
    def of(cls, coverage: Coverage) -> UnknownLearners:
        """What *coverage* says of the learners; holds the id of each once."""
        found, missed, everybody = set[str](), set[str](), set[str]()
        for _, table in coverage.courses("learner_id", "outcome"):
            everybody.update(values(table["learner_id"].unique()))
            found.update(_learners(table, pc.is_in(table["outcome"], value_set=_FOUND)))
            missed.update(_learners(table, pc.equal(table["outcome"], pa.scalar(Outcome.NOT_FOUND))))
        return cls(sorted(missed - found), len(found), len(everybody))

    @property
    def are_most(self) -> bool:
        """Whether they are more than half of all."""
        return 2 * len(self.unknown) > self.everybody


def _learners(table: pa.Table, which: Any) -> list[str]:
    return values(table["learner_id"].filter(which))
