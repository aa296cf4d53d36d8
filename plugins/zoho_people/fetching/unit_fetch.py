"""One request of a unit, and what follows from it. Knows neither Airflow nor how waiting is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from zoho_people.fetching.error_policy import Reaction, Source
from zoho_people.fetching.next_step import Move, Then
from zoho_people.fetching.pace import Pace
from zoho_people.model.outcome import POSTPONED, Outcome
from zoho_people.model.unit import Unit
from zoho_people.model.wording import counted
from zoho_people.staging.progress_pages import PageOutOfTurn, RepeatedPage, StagedProgress, Staging
from zoho_people.staging.progress_rows import MalformedRecord
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import (
    Forbidden,
    LearnerNotFound,
    TemporaryFailure,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.page import ProgressPage

log = logging.getLogger(__name__)

_USUAL_BOUNDS = Bounds()


class PageSource(Source, Protocol):
    """What the hook is to a fetch."""

    def get_page(
        self, course_id: str, batch_id: str | None, learner_id: str, entity_type: str, start_index: int
    ) -> ProgressPage: ...


class UnitFetch:
    """Fetches one unit, a request at a time; what it has lives in *staging*, so any process can go on.

    :param asks_refused: False leaves a unit that the run was refused (403) at that: where nobody has looked at it
        since, asking again would give the same.
    """

    def __init__(
        self,
        unit: Unit,
        *,
        source: PageSource,
        staging: Staging,
        pace: Pace,
        clock: Callable[[], float],
        dag_run_id: str,
        bounds: Bounds = _USUAL_BOUNDS,
        asks_refused: bool = True,
    ) -> None:
        self._unit = unit
        self._source = source
        self._staging = staging
        self._pace = pace
        self._clock = clock
        self._dag_run_id = dag_run_id
        self._bounds = bounds
        self._asks_refused = asks_refused
        self._reaction = Reaction(unit, source=source, pace=pace, clock=clock, note=self._note)

    def progress(self) -> StagedProgress:
        """What is kept so far. Nothing, where the last answer was a refusal that a person may have mended."""
        kept = self._staging.progress(self._unit)
        return StagedProgress() if kept.outcome == Outcome.FORBIDDEN and self._asks_refused else kept

    def refusal(self) -> Forbidden:
        """What the unit was refused with."""
        kept = self._staging.unit(self._unit)
        return Forbidden((kept and kept.error) or "the account may not see this learner or course")

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
        except LearnerNotFound as error:
            return self._after_not_found(error)
        except ZohoError as error:
            return self._reaction.after(error, rejections=rejections)
        except Exception as error:
            log.exception("%s: the request failed in a way that is not Zoho's", unit)
            return self._reaction.failed(TemporaryFailure(f"the request failed: {type(error).__name__}"))
        return self._keep(page)

    def postpone(self) -> None:
        """Note that the unit is left for another day, unless it is done."""
        self._note(Outcome.FAILED, POSTPONED)

    def _keep(self, page: ProgressPage) -> Move:
        answered_at = self._reaction.answered_at()
        try:
            kept = self._staging.add_page(
                self._unit, page, datetime.fromtimestamp(answered_at, UTC), self._dag_run_id
            )
        except (MalformedRecord, PageOutOfTurn, RepeatedPage) as error:
            return self._reaction.failed(UnexpectedAnswer(str(error)))
        except Exception as error:
            log.exception("%s: the page could not be kept, so it will be asked for again", self._unit)
            return self._reaction.failed(
                TemporaryFailure(f"the page could not be kept: {type(error).__name__}")
            )
        if kept.done:
            log.info(
                "%s: complete, %s in %s",
                self._unit,
                counted(kept.rows, "record"),
                counted(kept.pages, "page"),
            )
            return Move(Then.END, self._pace.slot_free_at(answered_at), answered_at, kept=kept)
        log.info(
            "%s: %s in %s kept; the next page begins at startIndex %d",
            self._unit,
            counted(kept.rows, "record"),
            counted(kept.pages, "page"),
            kept.next_start_index,
        )
        if kept.pages >= self._bounds.unit_pages:
            return self._reaction.failed(UnexpectedAnswer(self._bounds.too_long_unit))
        return Move(Then.ASK_AGAIN, self._pace.slot_free_at(answered_at), answered_at, kept=kept)

    def _after_not_found(self, error: LearnerNotFound) -> Move:
        answered_at = self._reaction.answered_at()
        kept = self._note(Outcome.NOT_FOUND, error.message)
        if kept is None:
            return self._reaction.failed(
                TemporaryFailure(f"that the learner was not found could not be noted: {error}")
            )
        log.warning("%s: not found; noted, the run goes on (%s)", self._unit, error)
        return Move(Then.END, self._pace.slot_free_at(answered_at), answered_at, kept=kept)

    def _note(self, outcome: str, why: str) -> StagedProgress | None:
        """Keep the outcome for the coverage; None where that failed. It never hides the error itself."""
        noted_at = datetime.fromtimestamp(self._clock(), UTC)
        try:
            self._staging.add_outcome(self._unit, outcome, why, noted_at, self._dag_run_id)
            return self._staging.progress(self._unit)
        except Exception:
            log.exception("%s: the outcome %s could not be noted", self._unit, outcome)
            return None
