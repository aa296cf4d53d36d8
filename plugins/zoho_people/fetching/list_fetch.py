"""A burst of requests for lists, and what follows. Knows neither Airflow nor how waiting is done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from zoho_people.fetching.error_policy import Reaction, Source
from zoho_people.fetching.next_step import Move, Then
from zoho_people.fetching.pace import Pace
from zoho_people.model.unit import Course
from zoho_people.model.wording import counted
from zoho_people.staging.list_pages import NotStaged, RepeatedListPage, RosterStaging, name_of
from zoho_people.staging.staged_lists import listed_courses, needs_batches, rosters_of, tell_states
from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import (
    LearnerNotFound,
    RequestFailed,
    TemporaryFailure,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.lists import ListPage, ZohoList

log = logging.getLogger(__name__)

_USUAL_BOUNDS = Bounds()

_REFUSALS = (RequestFailed, LearnerNotFound)
"""What says that this list can't be had, however often it is asked for, and nothing of the others."""


class ListSource(Source, Protocol):
    """What the hook is to a fetch of lists."""

    def get_list_page(self, asked: ZohoList, start_index: int) -> ListPage: ...


class RosterFetch:
    """Fetches lists; what it has lives in *staging*, so any process can go on.

    :param courses: whose rosters to fetch; None fetches the list of courses instead.
    :param state: the state of the courses to list; None lists them in every state.
    :param count: is told the move of each request as soon as it is known.
    """

    def __init__(
        self,
        courses: Sequence[Course] | None,
        *,
        source: ListSource,
        staging: RosterStaging,
        pace: Pace,
        clock: Callable[[], float],
        dag_run_id: str,
        count: Callable[[Move], None],
        state: str | None = None,
        bounds: Bounds = _USUAL_BOUNDS,
    ) -> None:
        self._courses = courses
        self._state = state
        self._bounds = bounds
        self._source = source
        self._staging = staging
        self._pace = pace
        self._clock = clock
        self._dag_run_id = dag_run_id
        self._count = count

    def is_wanting(self) -> bool:
        """Whether there is anything left to ask for.

        :raises NotStaged: when the courses are not listed yet.
        """
        return next(self._missing(), None) is not None

    def burst(self, requests: int, *, rejections: int) -> Move:
        """Send up to *requests* requests, one after the other, of those that are left.

        The move holds the slots of all of them: until a window after the last answer. Whatever hinders a
        request ends the burst. *rejections* access tokens were refused just before.

        :raises NotStaged: when the courses are not listed yet; nothing was sent.
        """
        burst = Move(Then.END, self._clock(), rejections=rejections)
        missing = self._missing()
        for number in range(requests + 1):
            try:
                wanted = next(missing, None)
            except Exception as error:
                if burst.answered_at is None:
                    raise
                return _unreadable(burst, error)
            if wanted is None:
                break
            if number == requests:
                return replace(burst, then=Then.ASK_AGAIN)
            move = self._ask(*wanted, burst.rejections)
            self._count(move)
            burst = _together(burst, move)
            if move.then is not Then.END:
                break
        return burst

    def forget_refusals(self) -> None:
        """Ask again for the lists that were refused: a person may have mended that."""
        # All lists first: a refusal that is forgotten may have been why another list was asked for.
        self._staging.forget_refusals(list(self._lists()))

    def counts(self) -> dict[str, int]:
        """How many ``lists`` are known, how many are ``complete`` or ``refused``; their ``pages``, ``items``."""
        lists = list(self._lists())
        progress = [self._staging.progress(asked) for asked in lists]
        return {
            "lists": len(lists),
            "complete": sum(one.is_complete for one in progress),
            "refused": sum(self._staging.refusal(asked) is not None for asked in lists),
            "pages": sum(one.pages for one in progress),
            "items": sum(one.items for one in progress),
        }

    def _lists(self) -> Iterator[ZohoList]:
        """The lists to fetch; those of a blended course become known with its batches."""
        if self._courses is None:
            yield ZohoList.courses(state=self._state)
            return
        listed = listed_courses(self._staging)
        for course in self._courses:
            entry = listed.get(course.course_id)
            if needs_batches(course, entry):
                yield ZohoList.batches(course.course_id)
            try:
                rosters = rosters_of(self._staging, course, entry)
            except NotStaged:
                continue
            yield from map(ZohoList.roster, rosters)

    def _missing(self) -> Iterator[tuple[ZohoList, int]]:
        """Each list as often as it has to be asked for a page, and where that begins."""
        settled = self._staging.settled()
        for asked in self._lists():
            if name_of(asked) in settled:
                continue
            while (start_index := self._staging.progress(asked).next_start_index) is not None:
                yield asked, start_index
                if self._staging.refusal(asked) is not None:
                    break

    def _ask(self, asked: ZohoList, start_index: int, rejections: int) -> Move:
        """Send the request for the page at *start_index*; END says that nothing hindered it."""
        reaction = Reaction(
            asked, source=self._source, pace=self._pace, clock=self._clock, note=lambda outcome, why: None
        )
        try:
            page = self._source.get_list_page(asked, start_index)
        except _REFUSALS as error:
            return self._after_refusal(asked, error, reaction)
        except ZohoError as error:
            return reaction.after(error, rejections=rejections)
        except Exception as error:
            log.exception("%s: the request failed in a way that is not Zoho's", asked)
            return reaction.failed(TemporaryFailure(f"the request failed: {type(error).__name__}"))
        return self._keep(asked, page, reaction)

    def _keep(self, asked: ZohoList, page: ListPage, reaction: Reaction) -> Move:
        answered_at = reaction.answered_at()
        fetched_at = datetime.fromtimestamp(answered_at, UTC)
        try:
            kept = self._staging.add_page(asked, page, fetched_at, self._dag_run_id)
            if kept.is_complete:
                log.info(
                    "%s: complete, %s in %s", asked, counted(kept.items, "entry"), counted(kept.pages, "page")
                )
                tell_states(self._staging, asked)
        except RepeatedListPage as error:
            return self._after_refusal(asked, UnexpectedAnswer(str(error)), reaction)
        except Exception as error:
            log.exception("%s: the page could not be kept, so it will be asked for again", asked)
            return reaction.failed(TemporaryFailure(f"the page could not be kept: {type(error).__name__}"))
        if not kept.is_complete and kept.pages >= self._bounds.list_pages:
            too_long = UnexpectedAnswer(f"{asked}: {self._bounds.too_long_list}")
            return self._after_refusal(asked, too_long, reaction)
        return Move(Then.END, self._pace.slot_free_at(answered_at), answered_at)

    def _after_refusal(self, asked: ZohoList, error: ZohoError, reaction: Reaction) -> Move:
        if asked.of is None:
            return reaction.failed(error)
        answered_at = reaction.answered_at()
        try:
            self._staging.refuse(asked, error.message)
        except Exception:
            log.exception("%s: that it was refused could not be noted", asked)
            return reaction.failed(TemporaryFailure(f"that it was refused could not be noted: {error}"))
        log.warning("%s: refused; noted, the run goes on without (%s)", asked, error)
        return Move(Then.END, self._pace.slot_free_at(answered_at), answered_at)


def _together(earlier: Move, move: Move) -> Move:
    """*move*, with the slots of the *earlier* ones held as well."""
    return replace(
        move,
        until=max(earlier.until, move.until),
        answered_at=move.answered_at or earlier.answered_at,
    )


def _unreadable(burst: Move, error: Exception) -> Move:
    """Fail once the slots of *burst* are free, since nothing is raised straight after a request."""
    log.error("What is staged can't be read; the task fails as soon as its slots are free", exc_info=error)
    why = TemporaryFailure(f"what is staged can't be read: {type(error).__name__}")
    return replace(burst, then=Then.FAIL, error=why)
