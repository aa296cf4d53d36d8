"""What is known of a course's units after a run was published. Pure.

Runs may publish in any order, and the same one again and again. So what was fetched last stays, and what a run
takes back it only takes back from what was known when it was planned.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from zoho_people.dataset.staged_unit import EMPTY, FAILED, FETCHED, TYPE_ABSENT, StagedUnit
from zoho_people.refresh import Known, PlannedUnit, Reason


@dataclass(frozen=True, slots=True)
class Published:
    """What a run published of one course and entity type under *snapshot_date*.

    *finished* is what it had staged, by learner; *lost* are the learners whose rows could not be carried forward;
    *failed_at* says when the last try failed, for those who have no answer yet.
    """

    planned: Sequence[PlannedUnit]
    finished: Mapping[str, StagedUnit]
    lost: Container[str]
    snapshot_date: date
    failed_at: Mapping[str, datetime] = field(default_factory=dict)

    def advance(self, before: Mapping[str, Known], now: datetime) -> dict[str, Known]:
        """What is known afterwards, by learner; *now* is noted with units whose type is absent."""
        after = dict(before)
        for planned in self.planned:
            learner_id = planned.unit.learner_id
            known = self._after(planned, before.get(learner_id), now)
            if known is None:
                after.pop(learner_id, None)
            elif planned.reason is Reason.LEFT or known.missed_at == planned.missed_at:
                after[learner_id] = known
            else:
                after[learner_id] = replace(known, missed_at=planned.missed_at)
        return after if _has_rows(before) or not self._brings_rows() else self._without_doubtful(after, now)

    def _after(self, planned: PlannedUnit, before: Known | None, now: datetime) -> Known | None:
        staged = self.finished.get(planned.unit.learner_id)
        if staged is not None and staged.is_answered:
            return self._latest(self._answered(planned, staged), before)
        if planned.is_carried and not planned.reason.is_asked:
            return self._carried(planned, before)
        match planned.reason:
            case Reason.ABSENT:
                return before or Known(TYPE_ABSENT, since=now)
            case Reason.LEFT:
                return None if _is_as_planned(planned, before) else before
            case Reason.POSTPONED:
                return before
        return self._unanswered(planned, staged, before)

    def _answered(self, planned: PlannedUnit, staged: StagedUnit) -> Known:
        return Known(
            staged.outcome, staged.pages, staged.rows, staged.fetched_at, planned.mark, self.snapshot_date
        )

    def _carried(self, planned: PlannedUnit, before: Known | None) -> Known | None:
        if planned.unit.learner_id not in self.lost:
            if before is not None and _is_as_planned(planned, before):
                return self._latest(replace(before, snapshot_date=self.snapshot_date), before)
            return self._latest(self._earlier(planned, FETCHED if planned.rows else EMPTY), before)
        was_there = before is not None and before.snapshot_date in (planned.snapshot_date, self.snapshot_date)
        return None if was_there and _is_as_planned(planned, before) else before

    def _unanswered(
        self, planned: PlannedUnit, staged: StagedUnit | None, before: Known | None
    ) -> Known | None:
        """Who had no answer keeps the rows of an earlier one, unless Zoho refused them or they are lost."""
        learner_id = planned.unit.learner_id
        outcome = staged.outcome if staged else FAILED
        tried_at = staged.fetched_at if staged else self.failed_at.get(learner_id)
        is_kept = planned.is_carried and staged is None and learner_id not in self.lost
        if before is None:
            known = self._earlier(planned, outcome) if is_kept else Known(outcome)
            return replace(known, tried_at=tried_at)
        if not _is_as_planned(planned, before):
            return before
        tries = [moment for moment in (before.tried_at, tried_at) if moment is not None]
        after = replace(before, outcome=outcome, since=None, tried_at=max(tries, default=None))
        if is_kept and before.snapshot_date is not None:
            return replace(after, snapshot_date=max(before.snapshot_date, self.snapshot_date))
        return replace(after, mark=None, snapshot_date=None)

    def _earlier(self, planned: PlannedUnit, outcome: str) -> Known:
        """The earlier answer whose rows the day's snapshot has, by the plan alone."""
        mark = None if planned.is_outdated else planned.mark
        return Known(outcome, planned.pages, planned.rows, planned.last_at, mark, self.snapshot_date)

    @staticmethod
    def _latest(known: Known, before: Known | None) -> Known:
        """The later answer; of the same one the later snapshot, unless it is not to be gone by any more."""
        if before is None or before.fetched_at is None or known.fetched_at is None:
            return known
        if known.fetched_at != before.fetched_at:
            return known if known.fetched_at > before.fetched_at else before
        if before.snapshot_date is None or known.snapshot_date is None:
            return before
        return known if known.snapshot_date > before.snapshot_date else before

    def _brings_rows(self) -> bool:
        return any(unit.rows for unit in self.finished.values())

    def _without_doubtful(self, after: Mapping[str, Known], now: datetime) -> dict[str, Known]:
        """*after*, where the type has just come to be: who was found without rows before it did is asked again."""
        return {
            learner_id: replace(known, outcome=TYPE_ABSENT, snapshot_date=None, mark=None, since=now)
            if known.is_answered and not known.rows and learner_id not in self.finished
            else known
            for learner_id, known in after.items()
        }


def _has_rows(states: Mapping[str, Known]) -> bool:
    return any(known.rows for known in states.values())


def _is_as_planned(planned: PlannedUnit, before: Known | None) -> bool:
    """Whether nobody has had an answer since the run was planned."""
    return before is not None and before.fetched_at == planned.last_at
