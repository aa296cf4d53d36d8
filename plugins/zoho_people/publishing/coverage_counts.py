"""A run's coverage in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zoho_people.model.outcome import ANSWERED, Outcome
from zoho_people.model.run_xcoms import UnitCounts
from zoho_people.publishing.coverage import Coverage


@dataclass(frozen=True, slots=True)
class CoverageCounts:
    """How many *learners* the run was about, and of how many units Zoho's answer is known, or *missing*.

    Of the missing ones *postponed* were left for another day.
    """

    learners: int
    answered: int
    missing: int
    postponed: int

    @classmethod
    def of(cls, coverage: Coverage) -> CoverageCounts:
        """What *coverage* says; holds the id of each learner once."""
        learners = set[str]()
        for _, table in coverage.courses("learner_id"):
            ids: list[Any] = table["learner_id"].unique().to_pylist()
            learners.update(ids)
        outcomes = coverage.outcomes
        answered = sum(outcomes[outcome] for outcome in (*ANSWERED, Outcome.NOT_FOUND))
        missing = outcomes[Outcome.FAILED] + outcomes[Outcome.FORBIDDEN]
        return cls(len(learners), answered, missing, coverage.postponed)

    @property
    def asked(self) -> int:
        """The units that were asked for, and those that were to be and were left for another day."""
        return self.answered + self.missing

    def of_units(self) -> UnitCounts:
        """The numbers of units."""
        return UnitCounts(
            asked=self.asked, answered=self.answered, missing=self.missing, postponed=self.postponed
        )
