"""The operator for lists: the courses of the organisation, and who is in them; a few requests per window."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.privacy import InvalidPrivacy
from zoho_people.configuration.roots import storage_path
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.request_count import RequestCount
from zoho_people.model.listed_course import PUBLISHED
from zoho_people.model.pool_names import POOL_SLOTS_OF_A_ROSTER
from zoho_people.model.run_tasks import COUNTS_KEY, RESULT_KEY
from zoho_people.model.wording import counted
from zoho_people.operators.brief_log import brief_log
from zoho_people.operators.list_request import ListRequest
from zoho_people.operators.paced import Execution, PacedOperator
from zoho_people.planning.course_choice import NoSuchCourse, choose_courses, idle_rules, share_out
from zoho_people.storage.layout import COURSES
from zoho_people.zoho.errors import QuotaExhausted, ZohoError, error_from_facts

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.fetching.lists_of_task import ListsOfTask
    from zoho_people.staging.list_pages import ListStaging

log = logging.getLogger(__name__)

COUNTED = ("lists", "complete", "refused", "pages", "items")
SHARDS = 6


class ZohoListOperator(PacedOperator):
    """Fetches lists into staging: that of the courses, or the learners of some of them.

    :param endpoint: the name of what is read. ``courses`` reads the course list, chooses the run's courses (all
        published ones, or those of *courses*, as the filters let pass) and returns them in at most *shards* lists
        of texts such as ``courseId`` and ``courseId/batchId``, to be mapped over. ``learners`` reads the learners
        of each course of *courses*, one of those lists; of a blended course those of each published batch.
        ``learner_courses`` reads the courses of each learner.
    :param courses: as *endpoint* says; a list of texts, or that list as JSON. Templated.
    :param learner_ids: the learners where they are asked for by *endpoint*; like *courses*. Templated.
    :param share: ``{"number": i, "of": n}``, instead of *learner_ids*: one of n shares (0 is the first) of the
        learners of the plan that the run keeps in its staging.
    :param include: filters as :class:`~zoho_people.planning.course_filter.Rule` reads them; like *courses*.
        Templated.
    :param exclude: the same, for courses to leave out. Templated.
    :param output_path, zoho_people_conn_id, counted_by_run, requests_per_window, on_lock, deferrable: see
        :class:`~zoho_people.operators.paced.PacedOperator`.

    A course whose lists Zoho refuses, or answers with something else, is noted and the others go on:
    :func:`~zoho_people.staging.staged_lists.missing_courses` tells. A spent quota fails the task: skipped, it
    would leave a part of the lists to what follows, and not be cleared with the run's failed tasks.

    The XCom ``counts`` (of all but ``courses`` the return value as well) has no more than counts: ``lists``,
    ``complete``, ``refused``, ``pages``, ``items`` and the figures of
    :class:`~zoho_people.fetching.request_count.RequestCount`.
    """

    template_fields: Sequence[str] = (
        "courses",
        "learner_ids",
        "include",
        "exclude",
        "output_path",
        "zoho_people_conn_id",
        "deferrable",
    )
    ui_color = "#e5dcff"
    mapped_defaults: ClassVar[Mapping[str, Any]] = {
        **PacedOperator.mapped_defaults,
        "pool_slots": POOL_SLOTS_OF_A_ROSTER,
    }

    def __init__(
        self,
        *,
        endpoint: str,
        courses: Sequence[str] | str | None = None,
        learner_ids: Sequence[str] | str | None = None,
        share: Mapping[str, int] | None = None,
        include: Sequence[str] | str | None = None,
        exclude: Sequence[str] | str | None = None,
        shards: int = SHARDS,
        pool_slots: int = POOL_SLOTS_OF_A_ROSTER,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_slots=pool_slots, **kwargs)
        self.endpoint = endpoint
        self.courses = courses
        self.learner_ids = learner_ids
        self.share = share
        self.include = include
        self.exclude = exclude
        self.shards = shards

    @property
    def label(self) -> str:
        """What the task reads, for the UI's grid."""
        if self.share is not None:
            return f"share {self.share['number'] + 1} of {self.share['of']} of the learners"
        courses = self.courses or ()
        if isinstance(courses, str) or not courses:
            return self.endpoint
        count = counted(len(courses), "course")
        return f"{count}: {courses[0]}" if len(courses) == 1 else f"{count}, from {courses[0]} on"

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
        from zoho_people.staging.list_pages import NotStaged

        request = self._request()
        execution = self._begin(context, is_resumed=event is not None)
        try:
            fetch = self._fetch(execution, request)
            if event is None:
                fetch.forget_refusals()
            with brief_log(before=self._counts(fetch, execution.count)["complete"]):
                self._fetch_all(execution, fetch, not_before=not_before, rejections=rejections)
            return self._outcome(execution, request, fetch)
        except (InvalidPrivacy, NoSuchCourse, NotStaged) as error:
            raise AirflowFailException(str(error)) from None

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
        return COUNTS_KEY if self.endpoint == COURSES else RESULT_KEY

    def _with_own_end(self, step: NextStep) -> NextStep:
        """*step*, ended by the task itself where it has to return what others are mapped over."""
        ends_unseen = self.endpoint == COURSES and step.then is Then.END
        return replace(step, then=Then.ASK_AGAIN) if ends_unseen else step

    def _counts(self, fetch: ListsOfTask, count: RequestCount) -> dict[str, Any]:
        """The counts, those of the requests alone where staging can't be read: a slot must be held first."""
        try:
            return fetch.counts() | count.spent.to_json()
        except Exception:
            log.exception("What is staged could not be counted; only the summary misses it")
            return dict.fromkeys(COUNTED, 0) | count.spent.to_json()

    def _outcome(
        self, execution: Execution, request: ListRequest, fetch: ListsOfTask
    ) -> list[list[str]] | dict[str, Any]:
        counts = fetch.counts() | execution.count.spent.to_json()
        if request.endpoint != COURSES:
            return counts
        from zoho_people.staging.staged_lists import listed_courses

        listed = listed_courses(fetch.staging)
        chosen = choose_courses(listed, request.courses, request.wanted)
        for rule in idle_rules(listed, request.courses, request.wanted):
            log.warning("The filter %s matches none of the courses; most likely it is misspelt", rule)
        fetch.staging.choose(chosen)
        log.info("Chosen: %s of %d that Zoho lists", counted(len(chosen), "course"), counts["items"])
        execution.context["ti"].xcom_push(key=COUNTS_KEY, value=counts)
        return share_out(chosen, self.shards)

    def _request(self) -> ListRequest:
        try:
            return ListRequest.parse(
                endpoint=self.endpoint,
                courses=self.courses,
                learner_ids=self.learner_ids,
                share=self.share,
                include=self.include,
                exclude=self.exclude,
            )
        except ValueError as error:
            raise AirflowFailException(str(error)) from None

    def _staging(self, context: Context) -> ListStaging:
        from zoho_people.staging.list_pages import ListStaging

        run_key = ListStaging.run_key(context["ti"].dag_id, context["run_id"])
        return ListStaging(self._privacy().lists_root(storage_path(self.output_path)), run_key)

    def _learner_ids(self, request: ListRequest, run_key: str) -> tuple[str, ...]:
        """The learners as the dataset knows them: those named, or the share of the run's plan."""
        learner_ids: Iterable[str] = request.learner_ids
        if request.share is not None:
            from zoho_people.planning.plan_file import PlanFile
            from zoho_people.storage.store import Store

            plan = PlanFile(Store(storage_path(self.output_path)), run_key)
            learner_ids = request.share.among(plan.learner_ids())
        return self._privacy().named_all(learner_ids)

    def _fetch(self, execution: Execution, request: ListRequest) -> ListsOfTask:
        from zoho_people.endpoints.registry import ENDPOINTS
        from zoho_people.fetching.lists_of_task import ListFetch, ListsOfTask, lists_of

        staging = self._staging(execution.context)
        endpoint, learner_ids = ENDPOINTS[request.endpoint], self._learner_ids(request, staging.key)
        # A course that is named may be in any state.
        state = None if request.courses else PUBLISHED
        return ListsOfTask(
            lambda: lists_of(
                endpoint, staging, courses=request.courses, learner_ids=learner_ids, state=state
            ),
            partial(ListFetch, staging=staging, **self._fetch_options(execution)),
            staging=staging,
            count=execution.count.add,
        )
