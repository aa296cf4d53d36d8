"""Which units a run asks for, and why: what is known of each, and what its course says of the learner today.

Pure: no clock, no file. What is known comes from :mod:`zoho_people.dataset.state`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from heapq import nsmallest

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import Course, Unit
from zoho_people.dataset.by_learner import ByLearner, side_by_side
from zoho_people.dataset.staged_unit import ANSWERED

_NEVER = datetime.min.replace(tzinfo=UTC)
_SLACK = timedelta(hours=12)


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
        """Whether it says something that a learner is not given."""
        return self.finds_left and self.mode is not Mode.NAMED

    @property
    def due_after(self) -> timedelta:
        """The age from which an answer is too old: a bit less, so that a run somewhat early doesn't slip a day."""
        return self.full_every - min(_SLACK, self.full_every / 2)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a unit.

    ``fetched_at`` is when it was last answered, in ``pages``, with ``rows``, when the learner's record in the
    course had the fingerprint ``mark``; the rows are in the snapshot of ``snapshot_date``. Where the last try
    had no answer, ``outcome`` says why; the rest is of the one before. The date is None where there are no rows
    to go by: they are lost or refused, or the unit was left out because no learner had anything of the type,
    which is so since ``since``. ``tried_at`` is the last try since that answer that had none. ``missed_at`` is
    when the learner was first missing in the course, None where the last run that knew all its learners had them
    among these.
    """

    outcome: str
    pages: int = 0
    rows: int = 0
    fetched_at: datetime | None = None
    mark: str | None = None
    snapshot_date: date | None = None
    since: datetime | None = None
    tried_at: datetime | None = None
    missed_at: datetime | None = None

    @property
    def is_kept(self) -> bool:
        """Whether there are rows of some answer (perhaps none), and it is known where."""
        return self.fetched_at is not None and self.snapshot_date is not None

    @property
    def is_answered(self) -> bool:
        """Whether they are those of the last try."""
        return self.is_kept and self.outcome in ANSWERED


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit and what the run does about it.

    ``mark`` is the fingerprint of the learner's record in the course now, ``pages`` the requests to expect,
    ``last_at`` when the unit was last answered, ``tried_at`` when it was last tried since without an answer. The
    rows of that answer are ``rows`` many, in the snapshot of ``snapshot_date``, None where there are none to go
    by; they are outdated where the learner's record may have changed since. ``missed_at`` is when the learner was
    first missing, as it is to be known from now on.
    """

    unit: Unit
    reason: Reason
    mark: str | None = None
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
        return self.is_carried and not self.reason.is_asked and not self.is_outdated


def decide(
    course: Course,
    learners: Mapping[str, str | None],
    entity_type: EntityType,
    states: ByLearner[Known],
    *,
    now: datetime,
    policy: Policy,
    never_there: bool = False,
) -> Iterator[PlannedUnit]:
    """What to do about *entity_type* of every learner of *course* (with the marks of today; None where unknown).

    *states* is what is known of the type; *never_there* says that a course of its kind can't have it.
    Learner by learner in the order of their ids, with those who are not there any more. What is known of them is
    carried forward for the first time; who is still not there on a later day has left. Where there is nobody at
    all, that says nothing of anybody.
    """
    decider = _Decider(course, learners, entity_type, states, now, policy, never_there)
    return decider.decide()


@dataclass(frozen=True, slots=True)
class _Decider:
    """Decides about the learners of one course and entity type."""

    course: Course
    learners: Mapping[str, str | None]
    entity_type: EntityType
    states: ByLearner[Known]
    now: datetime
    policy: Policy
    never_there: bool

    def decide(self) -> Iterator[PlannedUnit]:
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

    def _own_reason(self, mark: str | None, known: Known | None) -> Reason:
        """What follows from what is known of the unit alone."""
        if self.policy.mode is Mode.NAMED:
            return Reason.NAMED
        if known is None or known.since is not None:
            return Reason.NEW
        if not known.is_answered:
            return Reason.FAILED
        if mark is None or mark != known.mark:
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
            planned = _planned(unit, Reason.CARRIED, known, known.mark, self.policy)
            yield replace(planned, missed_at=missed_at)
        elif known.since is not None:
            yield PlannedUnit(unit, Reason.ABSENT, last_at=known.fetched_at, missed_at=missed_at)
        elif self.learners:  # there are no rows to lose
            yield PlannedUnit(unit, Reason.LEFT, last_at=known.fetched_at)


def _planned(
    unit: Unit, reason: Reason, known: Known | None, mark: str | None, policy: Policy
) -> PlannedUnit:
    if known is None:
        return PlannedUnit(unit, reason, mark)
    is_same = (mark is not None and mark == known.mark) or reason is Reason.CARRIED
    return PlannedUnit(
        unit,
        reason,
        mark,
        pages=max(1, known.pages),
        last_at=known.fetched_at,
        rows=known.rows if known.is_kept else 0,
        snapshot_date=known.snapshot_date if known.is_kept else None,
        tried_at=known.tried_at,
        missed_at=None if policy.knows_all else known.missed_at,
        is_outdated=known.is_kept and not is_same,
    )
