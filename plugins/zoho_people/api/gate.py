"""The gate that everybody looks at before sending: a lock, a spent quota or dead credentials close it for all."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from zoho_people.api.errors import CredentialsRejected, Locked, QuotaExhausted
from zoho_people.api.shared_text import SharedText

_LATEST = 4e9
"""The year 2096: what is beyond it is no number of seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class GateState:
    """Instants are seconds since the epoch, 0 where there is none.

    ``stopped`` is why credentials can't be used, empty while they can; ``credentials`` marks those.
    """

    locked_until: float = 0.0
    spent_until: float = 0.0
    stopped: str = ""
    credentials: str = ""


class SharedGate:
    """A :class:`GateState` in a text that every process reads.

    Writers do not exclude each other. Each writes the later of what it read and what it learnt; what a race
    loses is met again at the next request and written anew. *credentials* marks the connection's: once they are
    corrected, what was said of the old ones keeps nobody from sending.
    """

    def __init__(self, store: SharedText, *, credentials: str = "") -> None:
        self._store = store
        self._credentials = credentials

    def state(self) -> GateState:
        """What is known; an open gate where the text is missing or nobody's."""
        try:
            kept = GateState(**json.loads(self._store.load() or "{}"))
        except (ValueError, TypeError):
            return GateState()
        return replace(kept, locked_until=_instant(kept.locked_until), spent_until=_instant(kept.spent_until))

    def refuse_while_closed(self, now: float) -> None:
        """Return when a request may be sent at *now*.

        :raises Locked, QuotaExhausted, CredentialsRejected: without HTTP status, since nothing was sent.
        """
        state = self.state()
        if state.stopped and state.credentials == self._credentials:
            raise CredentialsRejected(state.stopped)
        if state.spent_until > now:
            raise QuotaExhausted(
                "the daily quota is spent; nothing was sent", retry_after_s=state.spent_until - now
            )
        if state.locked_until > now:
            raise Locked("the API is locked; nothing was sent", retry_after_s=state.locked_until - now)

    def lock(self, until: float) -> float:
        """Close the gate until *until*, unless a longer lock is known; the end that now holds."""
        state = self.state()
        if until > state.locked_until:
            self._write(replace(state, locked_until=round(until, 3)))
        return max(until, state.locked_until)

    def close_for_the_day(self, now: float) -> None:
        """The quota is spent: close the gate until the next UTC midnight."""
        tomorrow = datetime.fromtimestamp(now, UTC).date() + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC).timestamp()
        self._write(replace(self.state(), spent_until=midnight))

    def stop(self, why: str) -> None:
        """Close the gate until the credentials change or a new run tries them again."""
        self._write(replace(self.state(), stopped=why, credentials=self._credentials))

    def reopen(self) -> None:
        """Forget why the credentials could not be used; a lock and a spent quota stay."""
        self._write(replace(self.state(), stopped="", credentials=""))

    def _write(self, state: GateState) -> None:
        self._store.save(json.dumps(asdict(state)))


def _instant(value: object) -> float:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _LATEST
    return float(value) if known else 0.0  # type: ignore[arg-type]  # known says that it is a number
