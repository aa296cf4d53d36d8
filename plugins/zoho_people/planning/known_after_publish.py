"""What is known of a course's units after a run was published. Pure.

Runs may publish in any order, and the same one again and again. So what was fetched last stays, and what a run
takes back it only takes back from what was known when it was planned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from zoho_people.model.known import Known
from zoho_people.model.outcome import Outcome
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.staged_unit import StagedUnit


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a planned unit.

    *staged* is what the run has of it when it is done; *is_lost* says that its rows could not be carried forward;
    *failed_at* is when the last try failed, where there is no answer yet.
    """

    staged: StagedUnit | None = None
    is_lost: bool = False
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownAfterPublish:
    """What is known after a run was published under *snapshot_date*.

    *now* is noted with units whose type is absent. *is_first* says that the run brings the first rows of the type:
    who was found without rows before it did is asked again.
    """

    snapshot_date: date
    now: datetime
    is_first: bool = False

    def after(self, planned: PlannedUnit | None, result: Result, before: Known | None) -> Known | None:
        """What is known of a unit of which *before* was known; one that was not planned has no result."""
        known = before if planned is None else self._planned(planned, result, before)
        is_doubtful = known is not None and known.is_answered and not known.rows and result.staged is None
        if known is None or not self.is_first or not is_doubtful:
            return known
        return replace(
            known, outcome=Outcome.TYPE_ABSENT, snapshot_date=None, fingerprint=None, since=self.now
        )

    def _planned(self, planned: PlannedUnit, result: Result, before: Known | None) -> Known | None:
        known = self._after(planned, result, before)
        if known is None or planned.reason is Reason.LEFT or known.missed_at == planned.missed_at:
            return known
        return replace(known, missed_at=planned.missed_at)

    def _after(self, planned: PlannedUnit, result: Result, before: Known | None) -> Known | None:
        if result.staged is not None and result.staged.is_answered:
            return self._latest(self._answered(planned, result.staged), before)
        if planned.is_carried and not planned.reason.is_to_fetch:
            return self._carried(planned, result, before)
        match planned.reason:
            case Reason.ABSENT:
                return before or Known(Outcome.TYPE_ABSENT, since=self.now)
            case Reason.LEFT:
                return None if _is_as_planned(planned, before) else before
            case Reason.POSTPONED:
                return before
        return self._unanswered(planned, result, before)

    def _answered(self, planned: PlannedUnit, staged: StagedUnit) -> Known:
        return Known(
            staged.outcome,
            staged.pages,
            staged.rows,
            staged.fetched_at,
            planned.fingerprint,
            self.snapshot_date,
        )

    def _carried(self, planned: PlannedUnit, result: Result, before: Known | None) -> Known | None:
        if not result.is_lost:
            if before is not None and _is_as_planned(planned, before):
                return self._latest(replace(before, snapshot_date=self.snapshot_date), before)
            return self._latest(
                self._earlier(planned, Outcome.FETCHED if planned.rows else Outcome.EMPTY), before
            )
        was_there = before is not None and before.snapshot_date in (planned.snapshot_date, self.snapshot_date)
        return None if was_there and _is_as_planned(planned, before) else before

    def _unanswered(self, planned: PlannedUnit, result: Result, before: Known | None) -> Known | None:
        """Who had no answer keeps the rows of an earlier one, unless Zoho refused them or they are lost."""
        staged = result.staged
        outcome = staged.outcome if staged else Outcome.FAILED
        tried_at = staged.fetched_at if staged else result.failed_at
        is_kept = planned.is_carried and staged is None and not result.is_lost
        if before is None:
            known = self._earlier(planned, outcome) if is_kept else Known(outcome)
            return replace(known, tried_at=tried_at)
        if not _is_as_planned(planned, before):
            return before
        tries = [moment for moment in (before.tried_at, tried_at) if moment is not None]
        after = replace(before, outcome=outcome, since=None, tried_at=max(tries, default=None))
        if is_kept and before.snapshot_date is not None:
            return replace(after, snapshot_date=max(before.snapshot_date, self.snapshot_date))
        return replace(after, fingerprint=None, snapshot_date=None)

    def _earlier(self, planned: PlannedUnit, outcome: str) -> Known:
        """The earlier answer whose rows the day's snapshot has, by the plan alone."""
        fingerprint = None if planned.is_outdated else planned.fingerprint
        return Known(outcome, planned.pages, planned.rows, planned.last_at, fingerprint, self.snapshot_date)

    @staticmethod
    def _latest(known: Known, before: Known | None) -> Known:
        """The later answer; of the same one the later snapshot, unless there are no rows to carry forward."""
        if before is None or before.fetched_at is None or known.fetched_at is None:
            return known
        if known.fetched_at != before.fetched_at:
            return known if known.fetched_at > before.fetched_at else before
        if before.snapshot_date is None or known.snapshot_date is None:
            return before
        return known if known.snapshot_date > before.snapshot_date else before


def _is_as_planned(planned: PlannedUnit, before: Known | None) -> bool:
    """Whether nobody has had an answer since the run was planned."""
    return before is not None and before.fetched_at == planned.last_at
