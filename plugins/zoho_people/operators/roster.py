"""The operator for lists: the courses of the organisation, and who is in them; a few requests per window."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.privacy import InvalidPrivacy, Privacy
from zoho_people.configuration.roots import storage_path
from zoho_people.fetching.next_step import Move, Then
from zoho_people.fetching.pace import Pace
from zoho_people.fetching.request_count import Tally
from zoho_people.model.listed_course import PUBLISHED
from zoho_people.model.pool_names import API_POOL, POOL_SLOTS_OF_A_ROSTER
from zoho_people.model.run_tasks import COUNTS_KEY, RESULT_KEY
from zoho_people.model.wording import counted
from zoho_people.operators.brief_log import brief_log
from zoho_people.operators.paced import PacedOperator, spender_of
from zoho_people.operators.roster_request import RosterRequest, What
from zoho_people.planning.course_choice import NoSuchCourse, choose_courses, idle_rules, share_out
from zoho_people.zoho.errors import QuotaExhausted, ZohoError, error_from_facts

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.fetching.list_fetch import ListSource, RosterFetch
    from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
    from zoho_people.staging.list_pages import RosterStaging

log = logging.getLogger(__name__)

COUNTED = ("lists", "complete", "refused", "pages", "items")
SHARDS = 6
MAP_INDEX_TEMPLATE = "{{ task.courses | length }} courses from {{ task.courses | first }} on"


class ZohoRosterOperator(PacedOperator):
    """Fetches the list of courses, or the rosters of some of them, into staging.

    With ``pool_slots=k`` it sends up to k requests, one right after the other, and then holds all its slots
    until a window after the last answer: so at most k requests fall into any window. Pages are kept as they
    come, so a task that is retried, resumed or cleared goes on at the first page it does not have.

    :param what: ``courses`` reads the course list, chooses the run's courses (all published ones, or those of
        *courses*, as the filters let pass) and returns them in at most *shards* lists of texts such as
        ``courseId`` and ``courseId/batchId``, to be mapped over. ``rosters`` reads the learners of each course
        of *courses*, one of those lists; of a blended course those of each published batch.
    :param courses: as *what* says; a list of texts, or that list as JSON. Templated.
    :param include: filters as :class:`~zoho_people.planning.course_filter.Rule` reads them; like *courses*.
        Templated.
    :param exclude: the same, for courses to leave out. Templated.
    :param output_path: the dataset's root, any URL that ``ObjectStoragePath`` takes; below one of the deployer's
        ``allowed_roots`` where those are set. Templated.
    :param zoho_people_conn_id: the connection. Templated.
    :param counted_by_run: as for :class:`~zoho_people.operators.learner_progress.ZohoLearnerProgressOperator`.
    :param on_lock: as for :class:`~zoho_people.operators.learner_progress.ZohoLearnerProgressOperator`.
    :param deferrable: False waits in the worker instead, which keeps the slots by running. Templated.

    A course whose lists Zoho refuses, or answers with something else, is noted and the others go on:
    :func:`~zoho_people.staging.staged_lists.missing_courses` tells. A spent quota fails the task: skipped, it
    would leave a part of the lists to what follows, and not be cleared with the run's failed tasks.

    The XCom ``counts`` (for ``rosters`` the return value as well) has no more than counts: ``lists``,
    ``complete``, ``refused``, ``pages``, ``items`` and the figures of
    :class:`~zoho_people.fetching.request_count.Tally`.
    """

    template_fields: Sequence[str] = (
        "what",
        "courses",
        "include",
        "exclude",
        "output_path",
        "zoho_people_conn_id",
        "deferrable",
    )
    ui_color = "#e5dcff"

    def __init__(
        self,
        *,
        what: str,
        output_path: str,
        courses: Sequence[str] | str | None = None,
        include: Sequence[str] | str | None = None,
        exclude: Sequence[str] | str | None = None,
        shards: int = SHARDS,
        zoho_people_conn_id: str = "zoho_people_default",
        counted_by_run: bool = False,
        deferrable: bool = True,
        pool: str = API_POOL,
        pool_slots: int = POOL_SLOTS_OF_A_ROSTER,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool=pool, pool_slots=pool_slots, **kwargs)
        self.what = what
        self.output_path = output_path
        self.courses = courses
        self.include = include
        self.exclude = exclude
        self.shards = shards
        self.zoho_people_conn_id = zoho_people_conn_id
        self.counted_by_run = counted_by_run
        self.deferrable = deferrable

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """As Airflow's, with the operator's own pool, slots and labels: ``__init__``'s don't reach a mapping."""
        own = {
            "pool": API_POOL,
            "pool_slots": POOL_SLOTS_OF_A_ROSTER,
            "map_index_template": MAP_INDEX_TEMPLATE,
        }
        return super().partial(**{**own, **kwargs})

    def execute(
        self,
        context: Context,
        event: Any = None,
        *,
        not_before: float = 0.0,
        rejections: int = 0,
    ) -> list[list[str]] | dict[str, Any]:
        """Ask for the pages that are not kept yet, a burst a window, until there are none.

        *not_before* and *rejections* come from the deferral that resumes the task, see
        :class:`~zoho_people.operators.learner_progress.ZohoLearnerProgressOperator`.
        """
        from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
        from zoho_people.staging.list_pages import NotStaged

        request, privacy = self._request(), self._privacy()
        hook = ZohoLearnerProgressHook(self.zoho_people_conn_id, paced_by_caller=True)
        staging = self._staging(context)
        tally = Tally.of(context["task_state_store"])
        pace = Pace(hook.settings.window_s)
        source = privacy.list_source(hook)
        fetch = self._fetch(context, request, source, pace=pace, staging=staging, tally=tally)
        try:
            if event is None:
                fetch.forget_refusals()
            with brief_log(before=self._counts(fetch, tally)["complete"]):
                self._fetch_all(context, fetch, hook, tally, not_before=not_before, rejections=rejections)
            return self._outcome(context, request, fetch, staging, tally)
        except NotStaged as error:
            raise AirflowFailException(str(error)) from None

    def _fetch_all(
        self,
        context: Context,
        fetch: RosterFetch,
        hook: ZohoLearnerProgressHook,
        tally: Tally,
        *,
        not_before: float,
        rejections: int,
    ) -> None:
        pace = Pace(hook.settings.window_s)
        # A try that was killed or cleared held its slots no longer: its last requests still count.
        not_before = max(not_before, pace.next_request_at(tally.last_at or 0.0))
        while fetch.is_wanting():
            hook.prepare()
            self._await_turn(hook, pace, not_before)
            move = fetch.burst(self.pool_slots, rejections=rejections)
            self._tell_lock(context, move)
            if move.then is not Then.ASK_AGAIN and not self.counted_by_run:
                tally.enter(hook.ledger, spender_of(context))
            not_before = pace.next_request_at(move.answered_at) if move.answered_at else 0.0
            rejections = move.rejections
            counts = self._counts(fetch, tally)
            self._wait(context, self._coming_back(move), counts, not_before=not_before, key=self._counts_key)

    def _raisable(self, error: ZohoError) -> Exception:
        """*error*: half the lists are no ground for a plan, so a spent quota fails, too, and says what to do."""
        if not isinstance(error, QuotaExhausted):
            return error
        why = (
            "the daily quota ended while the lists were read; clear the run's failed tasks tomorrow (UTC), and it "
            f"goes on from here ({error.message})"
        )
        return error_from_facts({**error.facts(), "message": why})

    @property
    def _counts_key(self) -> str:
        return COUNTS_KEY if self.what == What.COURSES else RESULT_KEY

    def _coming_back(self, move: Move) -> Move:
        """*move*, ended by the task itself where it has to return what others are mapped over."""
        ends_unseen = self.what == What.COURSES and move.then is Then.END
        return replace(move, then=Then.ASK_AGAIN) if ends_unseen else move

    def _counts(self, fetch: RosterFetch, tally: Tally) -> dict[str, Any]:
        """The counts, those of the requests alone where staging can't be read: a slot must be held first."""
        try:
            return fetch.counts() | tally.figures()
        except Exception:
            log.exception("What is staged could not be counted; only the summary misses it")
            return dict.fromkeys(COUNTED, 0) | tally.figures()

    def _outcome(
        self,
        context: Context,
        request: RosterRequest,
        fetch: RosterFetch,
        staging: RosterStaging,
        tally: Tally,
    ) -> list[list[str]] | dict[str, Any]:
        counts = fetch.counts() | tally.figures()
        if request.what is What.ROSTERS:
            return counts
        from zoho_people.staging.staged_lists import listed_courses

        listed = listed_courses(staging)
        try:
            chosen = choose_courses(listed, request.courses, request.wanted)
        except NoSuchCourse as error:
            raise AirflowFailException(str(error)) from None
        for rule in idle_rules(listed, request.courses, request.wanted):
            log.warning("The filter %s matches none of the courses; most likely it is misspelt", rule)
        staging.choose(chosen)
        log.info("Chosen: %s of %d that Zoho lists", counted(len(chosen), "course"), counts["items"])
        context["ti"].xcom_push(key=COUNTS_KEY, value=counts)
        return share_out(chosen, self.shards)

    def _request(self) -> RosterRequest:
        try:
            return RosterRequest.parse(
                what=self.what, courses=self.courses, include=self.include, exclude=self.exclude
            )
        except ValueError as error:
            raise AirflowFailException(str(error)) from None

    def _privacy(self) -> Privacy:
        try:
            return Privacy.configured()
        except InvalidPrivacy as error:
            raise AirflowFailException(str(error)) from None

    def _staging(self, context: Context) -> RosterStaging:
        from zoho_people.staging.list_pages import RosterStaging

        run_key = RosterStaging.run_key(context["ti"].dag_id, context["run_id"])
        return RosterStaging(self._privacy().lists_root(storage_path(self.output_path)), run_key)

    def _fetch(
        self,
        context: Context,
        request: RosterRequest,
        source: ListSource,
        *,
        pace: Pace,
        staging: RosterStaging,
        tally: Tally,
    ) -> RosterFetch:
        from zoho_people.fetching.list_fetch import RosterFetch
        from zoho_people.hooks.connection import bounds

        return RosterFetch(
            None if request.what is What.COURSES else request.courses,
            source=source,
            staging=staging,
            pace=pace,
            clock=time.time,
            dag_run_id=context["run_id"],
            count=tally.add,
            # A course that is named may be in any state.
            state=None if request.courses else PUBLISHED,
            bounds=bounds(),
        )
