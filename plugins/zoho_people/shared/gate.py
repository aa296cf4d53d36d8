"""The gate that everybody looks at before sending: a lock, a spent quota or dead credentials close it for all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from zoho_people.shared.instant import SharedInstant
from zoho_people.shared.quota_day import next_quota_day_at
from zoho_people.shared.text import SharedText
from zoho_people.zoho.errors import CredentialsRejected, Locked, QuotaExhausted


@dataclass(frozen=True, slots=True)
class GateState:
    """Instants are seconds since the epoch, 0 where there is none.

    ``stopped`` is why credentials can't be used, empty while they can; ``credentials`` is their fingerprint.
    """

    locked_until: float = 0.0
    spent_until: float = 0.0
    stopped: str = ""
    credentials: str = ""


class SharedGate:
    """A :class:`GateState` in three texts that every process reads: *lock*, *quota* and *stop*.

    So nobody who learns of one writes over another. Of two locks the later end holds, see
    :class:`~zoho_people.shared.instant.SharedInstant`, which has *wait_for_others*, too; of what is said of the
    credentials the last word. *credentials* is the fingerprint of the connection's: once they are corrected,
    what was said of the old ones keeps nobody from sending.
    """

    def __init__(
        self,
        *,
        lock: SharedText,
        quota: SharedText,
        stop: SharedText,
        wait_for_others: Callable[[], None],
        credentials: str = "",
    ) -> None:
        self._lock = SharedInstant(lock, "locked_until", wait_for_others=wait_for_others)
        self._quota = SharedInstant(quota, "spent_until", wait_for_others=wait_for_others)
        self._stop = stop
        self._credentials = credentials

    def state(self) -> GateState:
        """What is known now; an open gate where the texts are missing or nobody's."""
        return GateState(self._lock.get(), self._quota.get(), *self._read_stop())

    def refuse_while_closed(self, now: float) -> None:
        """Return when a request may be sent at *now*; the lock is read last, since missing it is dearest.

        :raises Locked, QuotaExhausted, CredentialsRejected: without HTTP status, since nothing was sent.
        """
        stopped, credentials = self._read_stop()
        if stopped and credentials == self._credentials:
            raise CredentialsRejected(stopped)
        spent_until = self._quota.get()
        if spent_until > now:
            raise QuotaExhausted(
                "the daily quota is spent; nothing was sent", retry_after_s=spent_until - now
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
        self._quota.move_to(next_quota_day_at(now).timestamp())

    def stop(self, why: str) -> None:
        """Close the gate until the credentials change or a new run tries them again."""
        self._write_stop(why, self._credentials)

    def reopen(self) -> None:
        """Forget why the credentials could not be used; a lock and a spent quota stay."""
        self._write_stop("", "")
        self._lock.begin()
        self._quota.begin()

    def _read_stop(self) -> tuple[str, str]:
        try:
            kept = json.loads(self._stop.load() or "{}")
            stopped, credentials = kept.get("stopped", ""), kept.get("credentials", "")
        except (ValueError, AttributeError):
            return "", ""
        known = isinstance(stopped, str) and isinstance(credentials, str)
        return (stopped, credentials) if known else ("", "")

    def _write_stop(self, stopped: str, credentials: str) -> None:
        self._stop.save(json.dumps({"stopped": stopped, "credentials": credentials}))


def shown_instant(instant: float) -> str:
    """*instant*, in seconds since the epoch, for people."""
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M:%S} UTC"
