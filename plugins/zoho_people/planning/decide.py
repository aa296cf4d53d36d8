"""Which units a run asks for, and why: what is known of each, and what its course says of the learner today.

Pure: no clock, no file. What is known comes from :mod:`zoho_people.planning.known_units`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import UTC, datetime
from heapq import nsmallest

from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.policy import Mode, Policy
from zoho_people.model.unit import Course, Unit
from zoho_people.storage.by_learner import ByLearner, side_by_side

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What to do about *entity_type* of every learner of *course* (with today's fingerprints; None where unknown).

    *states* is what is known of the type; *never_there* says that a course of its kind can't have it.
    Learner by learner in the order of their ids, with those who are not there any more. What is known of them is
    carried forward for the first time; who is still not there on a later day has left. Where there is nobody at
    all, that says nothing of anybody.
    """

    course: Course
    learners: Mapping[str, str | None]
    entity_type: EntityType
    states: ByLearner[Known]
    _: KW_ONLY
    now: datetime
    policy: Policy
    never_there: bool = False

    def __iter__(self) -> Iterator[PlannedUnit]:
        is_impossible = self._is_impossible()
        is_absent = not is_impossible and self._is_absent()
        probes = self._sample() if is_absent else frozenset()
        for learner_id, is_there, known in self._everybody():
            unit = Unit(self.course, learner_id, self.entity_type)
            if is_there:
                reason = Reason.PROBE if learner_id in probes else self._reason(learner_id, known, is_absent)
                reason = Reason.ABSENT if is_impossible else reason
                yield _planned(unit, reason, known, self.learners[learner_id], self.policy)
            elif known is not None and self.policy.knows_all:
                yield from self._gone(unit, known)

    def _everybody(self) -> Iterator[tuple[str, bool | None, Known | None]]:
        """Each learner who is in the course or of whom something is known; True for the former."""
        return side_by_side(((each, True) for each in sorted(self.learners)), self.states.items())

    def _is_impossible(self) -> bool:
        """Whether the course can't have the type, and nobody was ever seen to have it all the same."""
        is_skipped = self.never_there and self.policy.skip_absent_types and self.policy.mode is not Mode.NAMED
        return is_skipped and not any(known.rows for _, known in self.states.items())

    def _is_absent(self) -> bool:
        """Whether the type was empty for several learners and for none not."""
        if self.policy.mode is not Mode.CHANGED or not self.policy.skip_absent_types:
            return False
        answered = 0
        for _, known in self.states.items():
            if known.rows:
                return False
            answered += known.is_answered
        return answered >= self.policy.absent_after

    def _sample(self) -> frozenset[str]:
        """The learners who are asked all the same: those whose last answer is the oldest."""
        idle = (
            ((known and known.fetched_at) or _NEVER, learner_id)
            for learner_id, is_there, known in self._everybody()
            if is_there and self._reason(learner_id, known, is_absent=True) in (Reason.ABSENT, Reason.CARRIED)
        )
        return frozenset(learner_id for _, learner_id in nsmallest(self.policy.probes, idle))

    def _reason(self, learner_id: str, known: Known | None, is_absent: bool) -> Reason:
        reason = self._own_reason(self.learners[learner_id], known)
        if is_absent and reason in (Reason.NEW, Reason.CHANGED):
            return Reason.DUE if self._is_due(known) else Reason.ABSENT
        return reason

    def _own_reason(self, fingerprint: str | None, known: Known | None) -> Reason:
        """What follows from what is known of the unit alone."""
        if self.policy.mode is Mode.NAMED:
            return Reason.NAMED
        if known is None or known.since is not None:
            return Reason.NEW
        if not known.is_answered:
            return Reason.FAILED
        if fingerprint is None or fingerprint != known.fingerprint:
            return Reason.CHANGED
        if self._is_due(known):
            return Reason.DUE
        return Reason.FULL if self.policy.mode is Mode.FULL else Reason.CARRIED

    def _is_due(self, known: Known | None) -> bool:
        """Whether the last answer is too old, or that none was asked for is."""
        moment = (known.fetched_at or known.since) if known else None
        return moment is not None and self.now - moment >= self.policy.due_after

    def _gone(self, unit: Unit, known: Known) -> Iterator[PlannedUnit]:
        """The unit of a learner of whom something is known and who is not in the course any more."""
        missed_at = (known.missed_at or self.now) if self.learners else known.missed_at
        if self.learners and missed_at is not None and missed_at.date() < self.now.date():
            yield PlannedUnit(unit, Reason.LEFT, last_at=known.fetched_at)
        elif known.is_kept:
            planned = _planned(unit, Reason.CARRIED, known, known.fingerprint, self.policy)
            yield replace(planned, missed_at=missed_at)
        elif known.since is not None:
            yield PlannedUnit(unit, Reason.ABSENT, last_at=known.fetched_at, missed_at=missed_at)
        elif self.learners:  # there are no rows to lose
            yield PlannedUnit(unit, Reason.LEFT, last_at=known.fetched_at)


def _planned(
    unit: Unit, reason: Reason, known: Known | None, fingerprint: str | None, policy: Policy
) -> PlannedUnit:
    if known is None:
        return PlannedUnit(unit, reason, fingerprint)
    is_same = (fingerprint is not None and fingerprint == known.fingerprint) or reason is Reason.CARRIED
    return PlannedUnit(
        unit,
        reason,
        fingerprint,
        pages=max(1, known.pages),
        last_at=known.fetched_at,
        rows=known.rows if known.is_kept else 0,
        snapshot_date=known.snapshot_date if known.is_kept else None,
        tried_at=known.tried_at,
        missed_at=None if policy.knows_all else known.missed_at,
        is_outdated=known.is_kept and not is_same,
    )
