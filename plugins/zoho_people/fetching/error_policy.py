"""What follows from an error of a request, whatever was asked for: hold the slot, then ask again, skip or fail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.pace import Pace
from zoho_people.model.outcome import POSTPONED, Outcome
from zoho_people.zoho.errors import (
    ENDS_ALL,
    CredentialsRejected,
    Forbidden,
    Locked,
    QuotaExhausted,
    TokenRejected,
    TokenThrottled,
    ZohoError,
)

if TYPE_CHECKING:
    from zoho_people.staging.page_files import StagedProgress

log = logging.getLogger(__name__)

_REJECTIONS = 3
"""So many refusals in a row may be chance or an old token; at the next one new tokens are refused, too."""

Note = Callable[[str, str], "StagedProgress | None"]
"""Keeps an outcome and why, for the coverage; what is staged then, None where nothing is."""


class Source(Protocol):
    """What the hook is here; ``answered_at`` is when its last request ended, None where none was sent."""

    @property
    def answered_at(self) -> float | None: ...

    def stop(self, why: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ErrorPolicy:
    """Turns the errors of requests about *what* (as logs call it) into next steps.

    Every outcome of a request that may have been sent holds the slot: a failure is a step, not an exception,
    so that nothing is raised straight after a request.
    """

    what: object
    source: Source
    pace: Pace
    clock: Callable[[], float]
    note: Note

    def answered_at(self) -> float:
        """When the last request ended, now where none was sent; in seconds since the epoch."""
        return self.source.answered_at or self.clock()

    def after(self, error: ZohoError, *, rejections: int) -> NextStep:
        """What to do after *error*; *rejections* access tokens were refused just before."""
        match error:
            case Locked():
                return self._after_lock(error, rejections)
            case TokenThrottled():
                return self._after_throttle(error, rejections)
            case TokenRejected() if rejections < _REJECTIONS:
                return self._after_rejection(error, rejections)
            case TokenRejected():
                return self._after_many_rejections(error)
            case QuotaExhausted():
                return self._postponed(error)
        return self.failed(error)

    def failed(self, error: ZohoError) -> NextStep:
        """Fail with *error* as soon as the slot is free."""
        log.error(
            "%s: %s; the task fails once its slot is free and no other unit is left",
            self.what,
            error,
        )
        kept = self.note(Outcome.FORBIDDEN if isinstance(error, Forbidden) else Outcome.FAILED, error.message)
        return self._end_by(Then.FAIL, error, kept)

    def _after_lock(self, error: Locked, rejections: int) -> NextStep:
        step = self._after_wait(error, rejections)
        log.warning(
            "%s: Zoho's API is locked until %s UTC, since more than its threshold was sent, perhaps by another "
            "client of the organisation. Nothing is lost: the same page is asked for again then.",
            self.what,
            datetime.fromtimestamp(step.until, UTC).strftime("%H:%M:%S"),
        )
        if not error.retry_after_s:
            return step
        met_at = self.answered_at()
        return replace(step, lock=(met_at, met_at + error.retry_after_s))

    def _after_throttle(self, error: TokenThrottled, rejections: int) -> NextStep:
        # One with an HTTP status was met while a refused token was to be replaced.
        step = self._after_wait(error, rejections + (error.http_status is not None))
        log.warning("%s: %s; asking again in %.0f s", self.what, error, step.until - self.answered_at())
        return step

    def _after_rejection(self, error: TokenRejected, rejections: int) -> NextStep:
        answered_at = self.answered_at()
        log.warning("%s: the access token was refused (%s); asking again", self.what, error)
        return NextStep(
            Then.ASK_AGAIN, self.pace.slot_free_at(answered_at), answered_at, rejections=rejections + 1
        )

    def _after_many_rejections(self, error: TokenRejected) -> NextStep:
        why = (
            f"Zoho refuses new access tokens, too ({error}); check the connection's data_center and host, "
            "and that the refresh token belongs to this organisation"
        )
        self.source.stop(why)
        return self.failed(CredentialsRejected(why, http_status=error.http_status))

    def _after_wait(self, error: ZohoError, rejections: int) -> NextStep:
        """Ask again when the error says."""
        answered_at = self.answered_at()
        until = answered_at + (error.retry_after_s or 0.0)
        if error.http_status is None:
            return NextStep(Then.ASK_AGAIN, until, rejections=rejections)
        return NextStep(
            Then.ASK_AGAIN,
            max(until, self.pace.slot_free_at(answered_at)),
            answered_at,
            rejections=rejections,
        )

    def _postponed(self, error: QuotaExhausted) -> NextStep:
        log.warning("%s: %s; a later run goes on from here", self.what, error)
        return self._end_by(Then.SKIP, error, self.note(Outcome.FAILED, POSTPONED))

    def _end_by(self, then: Then, error: ZohoError, kept: StagedProgress | None) -> NextStep:
        answered_at = self.answered_at()
        if not _was_sent(error):
            return NextStep(then, answered_at, error=error, kept=kept)
        return NextStep(then, self.pace.slot_free_at(answered_at), answered_at, error, kept=kept)


def _was_sent(error: ZohoError) -> bool:
    """Whether a request may have reached Zoho. Where these have no HTTP status, none was sent."""
    before = (*ENDS_ALL, Locked, QuotaExhausted, TokenThrottled)
    return error.http_status is not None or not isinstance(error, before)
