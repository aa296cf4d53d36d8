"""A unit about which a run knows something, and what its staged file says besides its rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from zoho_people.model.outcome import ANSWERED


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
        facts = asdict(self) | {"latest": self.latest and self.latest.isoformat()}
        del facts["learner_id"]
        return facts | {"fetched_at": self.fetched_at.isoformat()}

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
