"""The gate that everybody looks at before sending: a lock, a spent quota or dead credentials close it for all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from zoho_people.shared.instant import MOST_WRITES, SharedInstant, instant_in
from zoho_people.shared.quota_day import next_quota_day_at
from zoho_people.shared.text import SharedText
from zoho_people.zoho.errors import CredentialsRejected, Locked, QuotaExhausted


@dataclass(frozen=True, slots=True)
class Refusals:
    """What Zoho People refused of the connection: nothing while all is well.

    ``spent_until`` is when the spent quota comes back, in seconds since the epoch. ``stopped`` is why the
    credentials can't be used, and ``credentials`` their fingerprint. ``doubted`` is the fingerprint of the access
    token whose last answer was a refusal.
    """

    spent_until: float = 0.0
    stopped: str = ""
    credentials: str = ""
    doubted: str = ""

    @classmethod
    def parse(cls, text: str | None) -> Refusals:
        """What *text* tells, JSON of these fields; what is nobody's is nothing."""
        try:
            kept = json.loads(text or "{}")
            words = [kept.get(name, "") for name in ("stopped", "credentials", "doubted")]
        except (ValueError, AttributeError):
            return cls()
        known = all(isinstance(word, str) for word in words)
        return cls(instant_in(kept, "spent_until"), *(words if known else ()))


@dataclass(frozen=True, slots=True)
class GateState:
    """When the lock ends, in seconds since the epoch (0: there is none), and what else keeps from sending."""

    locked_until: float = 0.0
    refusals: Refusals = Refusals()


class SharedGate:
    """A :class:`GateState` in two texts that every process reads.

    The lock has one of its own, since missing it is dearest: nobody who learns of anything else writes over it. Of
    two locks the later end holds, see :class:`~zoho_people.shared.instant.SharedInstant`, which has
    *wait_for_others*, too. What is lost of *refusals* because two wrote at one moment costs one more refusal.
    *credentials* is the fingerprint of the connection's: once they are corrected, what was said of the old ones
    keeps nobody from sending.
    """

    def __init__(
        self,
        *,
        lock: SharedText,
        refusals: SharedText,
        wait_for_others: Callable[[], None],
        credentials: str = "",
    ) -> None:
        self._lock = SharedInstant(lock, "locked_until", wait_for_others=wait_for_others)
        self._refusals = refusals
        self._wait_for_others = wait_for_others
        self._credentials = credentials
        self._seen = Refusals()

    def state(self) -> GateState:
        """What is known now; an open gate where the texts are missing or nobody's."""
        return GateState(self._lock.get(), self._known())

    def refuse_while_closed(self, now: float) -> None:
        """Return when a request may be sent at *now*; the lock is read last, since missing it is dearest.

        :raises Locked, QuotaExhausted, CredentialsRejected: without HTTP status, since nothing was sent.
        """
        seen = self._seen = self._known()
        if seen.stopped and seen.credentials == self._credentials:
            raise CredentialsRejected(seen.stopped)
        if seen.spent_until > now:
            raise QuotaExhausted(
                "the daily quota is spent; nothing was sent", retry_after_s=seen.spent_until - now
            )
        locked_until = self._lock.get()
        if locked_until > now:
            raise Locked(
                f"the API is locked until {shown_instant(locked_until)}; nothing was sent",
                retry_after_s=locked_until - now,
            )

    def lock(self, until: float) -> float:
        """Close the gate until *until*, unless a longer lock is known; the end that now holds."""
        return self._lock.move_to(until)

    def close_for_the_day(self, now: float) -> None:
        """The quota is spent: close the gate until the next day of the quota."""
        until = next_quota_day_at(now).timestamp()
        self._insist(lambda known: replace(known, spent_until=max(until, known.spent_until)))

    def stop(self, why: str) -> None:
        """Close the gate until the credentials change or a new run tries them again."""
        self._insist(lambda known: replace(known, stopped=why, credentials=self._credentials))

    def reopen(self) -> None:
        """Forget why the credentials or a token could not be used; a lock and a spent quota stay."""
        self._write(lambda known: Refusals(known.spent_until))
        self._lock.begin()

    def doubt(self, token: str) -> bool:
        """Note that *token* was refused; whether that is the second time in a row, so that it is dead.

        A first refusal may be chance (a proxy, a server out of step) and costs a request, but mints no token.
        """
        fingerprint = _fingerprint(token)
        if self._known().doubted == fingerprint:
            return True
        self._insist(lambda known: replace(known, doubted=fingerprint))
        return False

    def trust(self, token: str) -> None:
        """Note that *token* was accepted, where it was doubted when the gate was last looked at."""
        if self._seen.doubted == _fingerprint(token):
            self._insist(lambda known: replace(known, doubted=""))

    def _known(self) -> Refusals:
        return Refusals.parse(self._refusals.load())

    def _insist(self, change: Callable[[Refusals], Refusals]) -> None:
        """Write what *change* makes of the refusals, and again while another's write stands in its place."""
        for _ in range(MOST_WRITES):
            if not self._write(change):
                return
            self._wait_for_others()

    def _write(self, change: Callable[[Refusals], Refusals]) -> bool:
        """Write what *change* makes of the refusals; False where it stands there already."""
        text = self._refusals.load()
        known = Refusals.parse(text)
        wanted = change(known)
        # A text is written even where it says nothing: looking for one that is missing costs twice.
        if text is not None and wanted == known:
            return False
        self._refusals.save(json.dumps(asdict(wanted)))
        return True


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def shown_instant(instant: float) -> str:
    """*instant*, in seconds since the epoch, for people."""
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M:%S} UTC"
