"""The lists of one task, a burst of requests at a time. Knows neither Airflow nor how waiting is done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from zoho_people.endpoints.courses import BATCHES
from zoho_people.endpoints.endpoint import Endpoint, Resource, Whose
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.page_fetch import PageFetch
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListStaging, NotStaged
from zoho_people.staging.staged_lists import listed_courses, needs_batches, rosters_of, tell_states
from zoho_people.zoho.errors import TemporaryFailure

log = logging.getLogger(__name__)


class ListFetch(PageFetch[Resource]):
    """Fetches one list, kept as what it is."""

    @property
    def resource(self) -> Resource:
        """The list."""
        return self.kept_as


@dataclass(frozen=True, slots=True)
class ListsOfTask:
    """Fetches lists, each by *fetch_of* it; what it has lives in *staging*, so any process can go on.

    *lists* gives the lists in their order; one may become known by another that is complete. *count* is told the
    step of each request as soon as it is known.
    """

    lists: Callable[[], Iterable[Resource]]
    fetch_of: Callable[[Resource], ListFetch]
    staging: ListStaging
    count: Callable[[NextStep], None]

    def is_wanting(self) -> bool:
        """Whether there is anything left to ask for.

        :raises NotStaged: when the courses are not listed yet.
        """
        return next(self._missing(), None) is not None

    def burst(self, requests: int, *, rejections: int) -> NextStep:
        """Send up to *requests* requests, one after the other, of those that are left.

        The step holds the slots of all of them: until a window after the last answer. Whatever hinders a request
        ends the burst. *rejections* access tokens were refused just before.

        :raises NotStaged: when the courses are not listed yet; nothing was sent.
        """
        burst = NextStep(Then.END, until=0.0, rejections=rejections)
        missing = self._missing()
        for number in range(requests + 1):
            try:
                wanted = next(missing, None)
            except Exception as error:
                if burst.answered_at is None:
                    raise
                return _unreadable(burst, error)
            if wanted is None:
                return replace(burst, then=Then.END)
            if number == requests:
                break
            step = self._ask(*wanted, burst.rejections)
            burst = _together(burst, step)
            if step.is_hindered:
                return burst
        return replace(burst, then=Then.ASK_AGAIN)

    def forget_refusals(self) -> None:
        """Ask again for the lists that were refused: a person may have mended that."""
        # All lists first: a refusal that is forgotten may have been why another list was asked for.
        self.staging.forget_refusals(list(self.lists()))

    def counts(self) -> dict[str, int]:
        """How many ``lists`` are known, how many are ``complete`` or ``refused``; their ``pages``, ``items``.

        The latter are not told of a learner's lists: there are thousands, and each would have to be opened.
        """
        states = list(self.staging.states(self.lists()))
        progress = [self.staging.progress(each.listed) for each in states if each.listed.learner_id is None]
        return {
            "lists": len(states),
            "complete": sum(each.is_complete for each in states),
            "refused": sum(each.is_refused for each in states),
            "pages": sum(one.pages for one in progress),
            "items": sum(one.rows for one in progress),
        }

    def resume_kwargs(self) -> dict[str, Any]:
        """What another process needs to go on: nothing, all of it is staged."""
        return {}

    def _missing(self) -> Iterator[tuple[Resource, int]]:
        """What is left to ask for, page by page: a list, and where its page begins."""
        still_open = (each.listed for each in self.staging.states(self.lists()) if each.is_open)
        for listed in still_open:
            while (start_index := self.staging.progress(listed).next_start_index) is not None:
                yield listed, start_index
                if self.staging.refusal(listed) is not None:
                    break

    def _ask(self, listed: Resource, start_index: int, rejections: int) -> NextStep:
        step = self.fetch_of(listed).ask(start_index, rejections=rejections)
        self.count(step)
        try:
            if step.kept is not None and step.kept.done:
                tell_states(self.staging, listed)
        except Exception:
            # Nothing may be raised straight after a request: its slot must be held first.
            log.exception("%s: how many are published can't be told", listed)
        return step


def lists_of(
    endpoint: Endpoint,
    staging: ListStaging,
    *,
    courses: Iterable[Course] = (),
    learner_ids: Iterable[str] = (),
    state: str | None = None,
) -> Iterator[Resource]:
    """What to ask of *endpoint*: the list of each of *courses* or *learner_ids*, as the endpoint has it.

    Where it is the organisation's there is one list, narrowed to a *state*. Of a blended course it is each batch,
    as soon as its batches are known.

    :raises NotStaged: when the organisation's courses have to be known and are not listed yet.
    """
    if endpoint.whose is Whose.ORGANISATION:
        yield endpoint.of(state=state)
    elif endpoint.whose is Whose.LEARNER:
        yield from (endpoint.of(learner_id=learner_id) for learner_id in learner_ids)
    else:
        yield from _of_courses(endpoint, staging, courses)


def _of_courses(endpoint: Endpoint, staging: ListStaging, courses: Iterable[Course]) -> Iterator[Resource]:
    listed = listed_courses(staging)
    for course in courses:
        entry = listed.get(course.course_id)
        if needs_batches(course, entry):
            yield BATCHES.of(Course(course.course_id))
        try:
            rosters = rosters_of(staging, course, entry)
        except NotStaged:
            continue
        yield from (endpoint.of(roster) for roster in rosters)


def _together(earlier: NextStep, step: NextStep) -> NextStep:
    """*step*, with the slots of the *earlier* ones held as well."""
    return replace(
        step,
        until=max(earlier.until, step.until),
        answered_at=step.answered_at or earlier.answered_at,
    )


def _unreadable(burst: NextStep, error: Exception) -> NextStep:
    """Fail once the slots of *burst* are free, since nothing is raised straight after a request."""
    log.error("What is staged can't be read; the task fails as soon as its slots are free", exc_info=error)
    why = TemporaryFailure(f"what is staged can't be read: {type(error).__name__}")
    return replace(burst, then=Then.FAIL, error=why)
