"""What came of a unit: one of five outcomes where it was asked for, three where it was not; and its facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

FETCHED, EMPTY, NOT_FOUND, FORBIDDEN, FAILED = "fetched", "empty", "not_found", "forbidden", "failed"
OUTCOMES = (FETCHED, EMPTY, NOT_FOUND, FORBIDDEN, FAILED)
CARRIED_FORWARD, TYPE_ABSENT, LEFT = "carried_forward", "type_absent", "left"
ALL_OUTCOMES = (*OUTCOMES, CARRIED_FORWARD, TYPE_ABSENT, LEFT)
"""With those of units that were not asked for, and why."""

POSTPONED = "postponed: no requests are left for it today"
"""The error of a unit that is left for another day."""

ANSWERED = (FETCHED, EMPTY)
"""The outcomes after which the learner's rows (perhaps none) are known."""


@dataclass(frozen=True, slots=True)
class StagedUnit:
    """A unit about which something is known: what the file says besides its rows.

    ``fetched_at`` is when its last page (or its error) came; ``latest`` the newest moment in its rows; ``fields``
    the names of those that have no column. One that is carried forward is staged in the file of an earlier day.
    """

    learner_id: str
    outcome: str
    pages: int
    rows: int
    fetched_at: datetime
    latest: datetime | None = None
    error: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether Zoho said what the learner's rows are (perhaps: none)."""
        return self.outcome in ANSWERED

    def facts(self) -> dict[str, Any]:
        """What goes into the file's metadata; :meth:`from_facts` reads it."""
        return {
            "outcome": self.outcome,
            "pages": self.pages,
            "rows": self.rows,
            "fetched_at": self.fetched_at.isoformat(),
            "latest": self.latest and self.latest.isoformat(),
            "error": self.error,
            "fields": self.fields,
        }

    @classmethod
    def from_facts(cls, learner_id: str, facts: dict[str, Any]) -> StagedUnit:
        """The unit that wrote *facts*."""
        latest = facts["latest"]
        return cls(
            learner_id=learner_id,
            outcome=facts["outcome"],
            pages=facts["pages"],
            rows=facts["rows"],
            fetched_at=datetime.fromisoformat(facts["fetched_at"]),
            latest=latest and datetime.fromisoformat(latest),
            error=facts["error"],
            fields=tuple(facts.get("fields", ())),
        )
