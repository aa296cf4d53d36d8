"""The units of one task, fetched one behind the other. Knows neither Airflow nor how waiting is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

from zoho_people.endpoints.endpoint import Resource
from zoho_people.endpoints.progress import of_unit
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.page_fetch import PageFetch
from zoho_people.model.outcome import POSTPONED, Outcome
from zoho_people.model.unit import Unit
from zoho_people.staging.page_files import StagedProgress
from zoho_people.staging.progress_pages import Staging
from zoho_people.zoho.errors import ENDS_ALL, Forbidden, ZohoError, is_final


@dataclass(frozen=True, kw_only=True)
class UnitFetch(PageFetch[Unit]):
    """Fetches one unit.

    :param asks_refused: False does not ask again for a unit that Zoho refused this run (403): where nobody has
        looked at the cause since, the answer would be the same.
    """

    staging: Staging
    asks_refused: bool = True

    @property
    def resource(self) -> Resource:
        """The progress of the unit."""
        return of_unit(self.kept_as)

    def progress(self) -> StagedProgress:
        """What is kept so far. Nothing, where the last answer was a refusal that a person may have mended."""
        kept = self.staging.progress(self.kept_as)
        return StagedProgress() if kept.outcome == Outcome.FORBIDDEN and self.asks_refused else kept

    def refusal(self) -> Forbidden:
        """What the unit was refused with."""
        kept = self.staging.unit(self.kept_as)
        return Forbidden((kept and kept.error) or "the account may not see this learner or course")

    def postpone(self) -> None:
        """Note that the unit is left for another day, unless it is done."""
        self.note(Outcome.FAILED, POSTPONED)


@dataclass
class UnitsOfTask:
    """Fetches units in their order, a request at a time.

    A unit that fails does not keep the others from being fetched: the failure is remembered, and is the task's
    own once every unit had its turn. ``position`` (the unit in turn) and ``failure`` are all that another process
    needs to go on; what was fetched lives in staging. ``latest`` is how far the unit is that was looked at last.
    *count* is told the step of each request as soon as it is known.
    """

    units: Sequence[Unit]
    fetch_of: Callable[[Unit], UnitFetch]
    _: KW_ONLY
    count: Callable[[NextStep], None]
    position: int = 0
    failure: ZohoError | None = None
    latest: StagedProgress = field(default=StagedProgress(), init=False)

    def is_wanting(self) -> bool:
        """Whether a unit is left to be asked for; those that are done are passed over."""
        while self.position < len(self.units):
            fetch = self.fetch_of(self.units[self.position])
            self.latest = fetch.progress()
            if not self.latest.done:
                return True
            if self.latest.outcome == Outcome.FORBIDDEN:
                self._remember(fetch.refusal())
            self.position += 1
        return False

    def burst(self, requests: int, *, rejections: int) -> NextStep:
        """Send the request for the next page of the unit in turn; what follows from it for the task.

        It is one request, however many *requests* may be sent. A spent quota leaves all units that remain for
        another day; what is the same for all of them ends the task.
        """
        step = self._ask(rejections)
        self.count(step)
        self.latest = step.kept or self.latest
        if step.then is Then.ASK_AGAIN or isinstance(step.error, ENDS_ALL):
            return step
        self.position += 1
        if step.then is Then.SKIP:
            for unit in self.units[self.position :]:
                self.fetch_of(unit).postpone()
            self.position = len(self.units)
        elif step.error is not None:
            self._remember(step.error)
        if self.position < len(self.units):
            return replace(step, then=Then.ASK_AGAIN, error=None)
        return step if self.failure is None else replace(step, then=Then.FAIL, error=self.failure)

    def resume_kwargs(self) -> dict[str, Any]:
        """What another process needs to go on, as JSON values.

        Behind the last unit it looks at that one again, for what came of it.
        """
        return {
            "position": min(self.position, len(self.units) - 1),
            "of": len(self.units),
            "failure": self.failure and self.failure.facts(),
        }

    def _ask(self, rejections: int) -> NextStep:
        fetch = self.fetch_of(self.units[self.position])
        return fetch.ask(self.latest.next_start_index or 0, rejections=rejections)

    def _remember(self, error: ZohoError) -> None:
        """Keep the first failure; one that may pass comes before one that asking again would only repeat."""
        if self.failure is None or (is_final(self.failure) and not is_final(error)):
            self.failure = error
