"""The units of one task, fetched one behind the other. Knows neither Airflow nor how waiting is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from zoho_people.fetching.next_step import Move, Then
from zoho_people.fetching.unit_fetch import UnitFetch
from zoho_people.model.outcome import Outcome
from zoho_people.model.unit import Unit
from zoho_people.staging.progress_pages import StagedProgress
from zoho_people.zoho.errors import ENDS_ALL, ZohoError, is_final


class GroupFetch:
    """Fetches units in their order, a request at a time.

    A unit that fails does not keep the others from being fetched: the failure is remembered, and is the task's
    own once every unit had its turn. ``position`` (the unit in turn) and ``failure`` are all that another process
    needs to go on; what was fetched lives in staging. ``latest`` is how far the unit is that was looked at last.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        fetch_of: Callable[[Unit], UnitFetch],
        *,
        position: int = 0,
        failure: ZohoError | None = None,
    ) -> None:
        self._units = units
        self._fetch_of = fetch_of
        self.position = position
        self.failure = failure
        self.latest = StagedProgress()

    @property
    def next_position(self) -> int:
        """Where another process goes on; behind the last unit it looks at that one again, for what came of it."""
        return min(self.position, len(self._units) - 1)

    @property
    def size(self) -> int:
        """How many units there are."""
        return len(self._units)

    def progress(self) -> StagedProgress | None:
        """How far the unit in turn is, passing over those that are done; None when all had their turn."""
        while self.position < len(self._units):
            fetch = self._fetch_of(self._units[self.position])
            self.latest = fetch.progress()
            if not self.latest.done:
                return self.latest
            if self.latest.outcome == Outcome.FORBIDDEN:
                self._remember(fetch.refusal())
            self.position += 1
        return None

    def ask(self, start_index: int, *, rejections: int) -> Move:
        """Send the request for the page at *start_index* of the unit in turn; what follows from it for the task.

        A spent quota leaves all units that remain for another day; what is the same for all of them ends the task.
        """
        move = self._fetch_of(self._units[self.position]).ask(start_index, rejections=rejections)
        self.latest = move.kept or self.latest
        if move.then is Then.ASK_AGAIN or isinstance(move.error, ENDS_ALL):
            return move
        self.position += 1
        if move.then is Then.SKIP:
            for unit in self._units[self.position :]:
                self._fetch_of(unit).postpone()
            self.position = len(self._units)
        elif move.error is not None:
            self._remember(move.error)
        if self.position < len(self._units):
            return replace(move, then=Then.ASK_AGAIN, error=None)
        return move if self.failure is None else replace(move, then=Then.FAIL, error=self.failure)

    def _remember(self, error: ZohoError) -> None:
        """Keep the first failure; one that may pass comes before one that asking again would only repeat."""
        if self.failure is None or (is_final(self.failure) and not is_final(error)):
            self.failure = error
