"""What is known of a unit from all runs so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from zoho_people.model.outcome import ANSWERED


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a unit.

    ``fetched_at`` is when it was last answered, in ``pages``, with ``rows``, when the learner's record in the
    course had the ``fingerprint``; the rows are in the snapshot of ``snapshot_date``. Where the last try
    had no answer, ``outcome`` says why; the rest is of the one before. The date is None where no rows can be
    carried forward: they are lost or refused, or the unit was left out because no learner had anything of the
    type, which is so since ``since``. ``tried_at`` is the last try since that answer that had none. ``missed_at``
    is when the learner was first missing in the course, None where the last run that knew all its learners had
    them among these.
    """

    outcome: str
    pages: int = 0
    rows: int = 0
    fetched_at: datetime | None = None
    fingerprint: str | None = None
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
