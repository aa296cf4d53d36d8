"""One request for a page, and what follows from it. Knows neither Airflow nor how waiting is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.rows import MalformedRecord
from zoho_people.fetching.error_policy import ErrorPolicy, Source
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.pace import Pace
from zoho_people.model.outcome import Outcome
from zoho_people.model.wording import counted
from zoho_people.staging.page_files import PageOutOfTurn, RepeatedPage, StagedProgress
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import TemporaryFailure, UnexpectedAnswer, ZohoError
from zoho_people.zoho.page import Page

log = logging.getLogger(__name__)

USUAL_BOUNDS = Bounds()
T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class PageSource(Source, Protocol):
    """What the hook is to a fetch."""

    def read_page(self, resource: Resource, start_index: int) -> Page: ...


class PageStaging(Protocol[T_contra]):
    """What keeps the pages, each under what it is a page of."""

    def progress(self, kept_as: T_contra, /) -> StagedProgress: ...

    def add_page(
        self, kept_as: T_contra, page: Page, fetched_at: datetime, dag_run_id: str, /
    ) -> StagedProgress: ...

    def add_outcome(
        self, kept_as: T_contra, outcome: str, error: str | None, at: datetime, dag_run_id: str, /
    ) -> None: ...


@dataclass(frozen=True)
class PageFetch(Generic[T]):
    """Fetches one resource, a request at a time; what it has lives in *staging*, so any process can go on.

    *kept_as* is what *staging* knows the resource by.
    """

    kept_as: T
    _: KW_ONLY
    source: PageSource
    staging: PageStaging[T]
    pace: Pace
    clock: Callable[[], float]
    dag_run_id: str
    bounds: Bounds = USUAL_BOUNDS

    @property
    def resource(self) -> Resource:
        """What is asked for."""
        raise NotImplementedError

    @property
    def _policy(self) -> ErrorPolicy:
        return ErrorPolicy(self.resource, self.source, self.pace, self.clock, self.note)

    def ask(self, start_index: int, *, rejections: int) -> NextStep:
        """Send the request for the page at *start_index*; *rejections* tokens were refused just before.

        Every outcome of a request that may have been sent holds the slot: a failure is a step, not an exception,
        so that nothing is raised straight after a request.
        """
        try:
            page = self.source.read_page(self.resource, start_index)
        except ZohoError as error:
            return self._after(error, rejections=rejections)
        except Exception as error:
            log.exception("%s: the request failed in a way that is not Zoho's", self.resource)
            return self._policy.failed(TemporaryFailure(f"the request failed: {type(error).__name__}"))
        return self._keep(page)

    def note(self, outcome: str, why: str) -> StagedProgress | None:
        """Keep the outcome, and how far it is then; None where that failed. It never hides the error itself."""
        noted_at = datetime.fromtimestamp(self.clock(), UTC)
        try:
            self.staging.add_outcome(self.kept_as, outcome, why, noted_at, self.dag_run_id)
            return self.staging.progress(self.kept_as)
        except Exception:
            log.exception("%s: the outcome %s could not be noted", self.resource, outcome)
            return None

    def _keep(self, page: Page) -> NextStep:
        answered_at = self._policy.answered_at()
        fetched_at = datetime.fromtimestamp(answered_at, UTC)
        try:
            kept = self.staging.add_page(self.kept_as, page, fetched_at, self.dag_run_id)
        except (MalformedRecord, PageOutOfTurn, RepeatedPage) as error:
            return self._after(UnexpectedAnswer(str(error)))
        except Exception as error:
            log.exception("%s: the page could not be kept, so it will be asked for again", self.resource)
            return self._policy.failed(
                TemporaryFailure(f"the page could not be kept: {type(error).__name__}")
            )
        return self._after_page(kept, answered_at)

    def _after_page(self, kept: StagedProgress, answered_at: float) -> NextStep:
        rows, pages = counted(kept.rows, "record"), counted(kept.pages, "page")
        if kept.done:
            log.info("%s: complete, %s in %s", self.resource, rows, pages)
            return NextStep(Then.END, self.pace.slot_free_at(answered_at), answered_at, kept=kept)
        next_start_index = kept.next_start_index
        log.info(
            "%s: %s in %s kept; the next page begins at startIndex %d",
            self.resource,
            rows,
            pages,
            next_start_index,
        )
        option = self.resource.endpoint.pages_option
        if kept.pages >= self.bounds.pages(option):
            return self._after(UnexpectedAnswer(self.bounds.too_long(option)))
        return NextStep(Then.ASK_AGAIN, self.pace.slot_free_at(answered_at), answered_at, kept=kept)

    def _after(self, error: ZohoError, *, rejections: int = 0) -> NextStep:
        if not isinstance(error, self.resource.endpoint.skipped):
            return self._policy.after(error, rejections=rejections)
        answered_at = self._policy.answered_at()
        kept = self.note(Outcome.NOT_FOUND, error.message)
        if kept is None:
            return self._policy.failed(
                TemporaryFailure(f"that it was not found, or refused, could not be noted: {error}")
            )
        log.warning("%s: not found, or refused; noted, the run goes on (%s)", self.resource, error)
        return NextStep(Then.END, self.pace.slot_free_at(answered_at), answered_at, kept=kept)
