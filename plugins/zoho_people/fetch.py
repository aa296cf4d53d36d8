"""One request of a unit, and what follows from it. Knows neither Airflow nor how waiting is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from zoho_people.api.errors import (
    CredentialsRejected,
    Forbidden,
    InvalidSettings,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    TemporaryFailure,
    TokenRejected,
    TokenThrottled,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.api.page import ProgressPage
from zoho_people.api.unit import Unit
from zoho_people.dataset.normalize import MalformedRecord
from zoho_people.dataset.staged_unit import FORBIDDEN, POSTPONED
from zoho_people.dataset.staging import PageOutOfTurn, RepeatedPage, StagedProgress, Staging
from zoho_people.move import Move, Then
from zoho_people.pace import Pace

log = logging.getLogger(__name__)

_REJECTIONS = 3
"""So many refusals in a row may be chance or an old token; at the next one new tokens are refused, too."""


class PageSource(Protocol):
    """What the hook is to a fetch."""

    def get_page(
        self, course_id: str, batch_id: str | None, learner_id: str, entity_type: str, start_index: int
    ) -> ProgressPage: ...

    def stop(self, why: str) -> None: ...


class UnitFetch:
    """Fetches one unit, a request at a time; what it has lives in *staging*, so any process can go on."""

    def __init__(
        self,
        unit: Unit,
        *,
        source: PageSource,
        staging: Staging,
        pace: Pace,
        clock: Callable[[], float],
        dag_run_id: str,
    ) -> None:
        self._unit = unit
        self._source = source
        self._staging = staging
        self._pace = pace
        self._clock = clock
        self._dag_run_id = dag_run_id

    def progress(self) -> StagedProgress:
        """What is kept so far. Nothing, where the last answer was a refusal that a person may have mended."""
        kept = self._staging.progress(self._unit)
        return StagedProgress() if kept.outcome == FORBIDDEN else kept

    def ask(self, start_index: int, *, rejections: int) -> Move:
        """Send the request for the page at *start_index*; *rejections* tokens were refused just before.

        Every outcome of a request that may have been sent holds the slot: a failure is a move, not an
        exception, so that nothing is raised straight after a request.
        """
        unit = self._unit
        try:
            page = self._source.get_page(
                unit.course.course_id,
                unit.course.batch_id,
                unit.learner_id,
                unit.entity_type.label,
                start_index,
            )
        except ZohoError as error:
            return self._after_error(error, rejections)
        except Exception as error:
            log.exception("%s: the request failed in a way that is not Zoho's", unit)
            return self._failed(TemporaryFailure(f"the request failed: {type(error).__name__}"))
        return self._keep(page)

    def _keep(self, page: ProgressPage) -> Move:
        answered_at = self._clock()
        try:
            kept = self._staging.add_page(
                self._unit, page, datetime.fromtimestamp(answered_at, UTC), self._dag_run_id
            )
        except (MalformedRecord, PageOutOfTurn, RepeatedPage) as error:
            return self._failed(UnexpectedAnswer(str(error)))
        except Exception as error:
            log.exception("%s: the page could not be kept, so it will be asked for again", self._unit)
            return self._failed(TemporaryFailure(f"the page could not be kept: {type(error).__name__}"))
        if kept.done:
            log.info("%s: complete, %d records in %d pages", self._unit, kept.rows, kept.pages)
            return Move(Then.END, self._pace.slot_free_at(answered_at), answered_at, kept=kept)
        log.info(
            "%s: %d records in %d pages kept; the next page begins at startIndex %d",
            self._unit,
            kept.rows,
            kept.pages,
            kept.next_start_index,
        )
        return Move(Then.ASK_AGAIN, self._pace.slot_free_at(answered_at), answered_at, kept=kept)

    def _after_error(self, error: ZohoError, rejections: int) -> Move:
        answered_at = self._clock()
        match error:
            case Locked():
                return self._after_lock(error, answered_at, rejections)
            case TokenThrottled():
                return self._after_throttle(error, answered_at, rejections)
            case TokenRejected() if rejections < _REJECTIONS:
                log.warning("%s: the access token was refused (%s); asking again", self._unit, error)
                return Move(
                    Then.ASK_AGAIN,
                    self._pace.slot_free_at(answered_at),
                    answered_at,
                    rejections=rejections + 1,
                )
            case TokenRejected():
                why = (
                    f"Zoho refuses new access tokens, too ({error}); check the connection's data_center and host, "
                    "and that the refresh token belongs to this organisation"
                )
                self._source.stop(why)
                return self._failed(CredentialsRejected(why, http_status=error.http_status))
            case QuotaExhausted():
                return self._postponed(error, answered_at)
            case LearnerNotFound():
                return self._after_not_found(error, answered_at)
        return self._failed(error)

    def _after_not_found(self, error: LearnerNotFound, answered_at: float) -> Move:
        kept = self._note("not_found", error.message)
        if kept is None:
            return self._failed(
                TemporaryFailure(f"that the learner was not found could not be noted: {error}")
            )
        log.warning("%s: not found; noted, the run goes on (%s)", self._unit, error)
        return Move(Then.END, self._pace.slot_free_at(answered_at), answered_at, kept=kept)

    def _after_lock(self, error: Locked, answered_at: float, rejections: int) -> Move:
        move = self._after_wait(error, answered_at, rejections)
        log.warning(
            "%s: Zoho's API is locked until %s UTC, since more than its threshold was sent, perhaps by another "
            "client of the organisation. Nothing is lost: the same page is asked for again then.",
            self._unit,
            datetime.fromtimestamp(move.until, UTC).strftime("%H:%M:%S"),
        )
        return move

    def _after_throttle(self, error: TokenThrottled, answered_at: float, rejections: int) -> Move:
        # One with an HTTP status was met while a refused token was to be replaced.
        move = self._after_wait(error, answered_at, rejections + (error.http_status is not None))
        log.warning("%s: %s; asking again in %.0f s", self._unit, error, move.until - answered_at)
        return move

    def _after_wait(self, error: ZohoError, answered_at: float, rejections: int) -> Move:
        """Ask again when the error says."""
        until = answered_at + (error.retry_after_s or 0.0)
        if error.http_status is None:
            return Move(Then.ASK_AGAIN, until, rejections=rejections)
        return Move(
            Then.ASK_AGAIN,
            max(until, self._pace.slot_free_at(answered_at)),
            answered_at,
            rejections=rejections,
        )

    def _postponed(self, error: QuotaExhausted, answered_at: float) -> Move:
        log.warning("%s: %s; a later run goes on from here", self._unit, error)
        return self._end_by(Then.SKIP, error, answered_at, self._note("failed", POSTPONED))

    def _failed(self, error: ZohoError) -> Move:
        log.error("%s: %s; the task fails as soon as its slot is free", self._unit, error)
        kept = self._note("forbidden" if isinstance(error, Forbidden) else "failed", error.message)
        return self._end_by(Then.FAIL, error, self._clock(), kept)

    def _end_by(self, then: Then, error: ZohoError, answered_at: float, kept: StagedProgress | None) -> Move:
        if not _was_sent(error):
            return Move(then, answered_at, error=error, kept=kept)
        return Move(then, self._pace.slot_free_at(answered_at), answered_at, error, kept=kept)

    def _note(self, outcome: str, why: str) -> StagedProgress | None:
        """Keep the outcome for the coverage; None where that failed. It never hides the error itself."""
        noted_at = datetime.fromtimestamp(self._clock(), UTC)
        try:
            self._staging.add_outcome(self._unit, outcome, why, noted_at, self._dag_run_id)
            return self._staging.progress(self._unit)
        except Exception:
            log.exception("%s: the outcome %s could not be noted", self._unit, outcome)
            return None


def _was_sent(error: ZohoError) -> bool:
    """Whether a request may have reached Zoho. Where these have no HTTP status, none was sent."""
    before = (CredentialsRejected, InvalidSettings, Locked, QuotaExhausted, TokenThrottled)
    return error.http_status is not None or not isinstance(error, before)
