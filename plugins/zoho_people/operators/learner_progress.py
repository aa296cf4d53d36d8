"""The operator: learners' progress, unit by unit, one request per slot and window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from zoho_people.configuration.kept_attributes import attribute_choice
from zoho_people.configuration.privacy import InvalidPrivacy
from zoho_people.configuration.roots import storage_path
from zoho_people.fetching.request_count import RequestCount
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, Unit
from zoho_people.model.wording import counted, one_line
from zoho_people.operators.brief_log import brief_log
from zoho_people.operators.links import ZohoPeopleLink
from zoho_people.operators.paced import MAP_INDEX_TEMPLATE, Execution, PacedOperator
from zoho_people.zoho.errors import ZohoError, error_from_facts

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.fetching.units_of_task import UnitsOfTask
    from zoho_people.staging.progress_pages import Staging

_LABEL_CHARS = 250
"""As many as Airflow's table has room for."""


class ZohoLearnerProgressOperator(PacedOperator):
    """Fetches every page of a learner's progress in one entity type of one course into staging.

    Each request occupies one slot of the pool until a window after its answer: the task defers for the rest
    of the window and is then ended by its trigger, or resumed for the next page. Pages are kept as they
    come, so a task that is retried, resumed or cleared goes on at the first page it does not have.

    Instead of one such unit a task may fetch several of a run's plan, one behind the other by the same rule; those
    that fail don't keep the others from being fetched, and are asked for again when the task is tried again.

    :param course: ``courseId``, or ``courseId/batchId`` for a batch of a blended course. Templated.
    :param learner_id: Zoho's id of the learner, a string of digits; or the pseudonym, where the deployer wants
        those (see :mod:`zoho_people.configuration.privacy`). Templated.
    :param entity_type: one of the names of :class:`~zoho_people.model.entity_type.EntityType`. Templated.
    :param planned: ``{"first": i, "count": n}``, instead of the three above: n units of the plan that the run
        keeps in its staging (see :class:`~zoho_people.planning.plan_file.PlanFile`), from position
        i on (0 is the first).
    :param course_name: what the UI's grid calls the course, or the courses of *planned*; by default their ids or
        positions. Text, not templated.
    :param output_path, zoho_people_conn_id, counted_by_run, requests_per_window, on_lock, deferrable: see
        :class:`~zoho_people.operators.paced.PacedOperator`.

    Airflow renders templated fields, also with what another task returned and ``expand_kwargs`` hands over: a text
    that a person typed is a template there. A subclass with ``template_fields = ()`` renders nothing.

    The return value has counts only: ``requests``, ``held_seconds``, ``by_day`` (requests by UTC day) and the
    instants (seconds since the epoch) of the first and the last request, ``first_at`` and ``last_at``; of a single
    unit ``outcome``, ``pages`` and ``rows``, too.
    """

    template_fields: Sequence[str] = (
        "course",
        "learner_id",
        "entity_type",
        "output_path",
        "zoho_people_conn_id",
    )
    ui_color = "#d7ecff"
    operator_extra_links = (ZohoPeopleLink(),)
    people_url = ""

    def __init__(
        self,
        *,
        course: str | None = None,
        learner_id: str | None = None,
        entity_type: str | None = None,
        planned: dict[str, int] | None = None,
        course_name: str = "",
        map_index_template: str | None = MAP_INDEX_TEMPLATE,
        **kwargs: Any,
    ) -> None:
        super().__init__(map_index_template=map_index_template, **kwargs)
        self.course = course
        self.learner_id = learner_id
        self.entity_type = entity_type
        self.planned = planned
        self.course_name = course_name

    @property
    def label(self) -> str:
        """What the task fetches, for the UI's grid; no longer than Airflow keeps it."""
        if self.planned is None:
            parts = [self.course_name or self.course, self.entity_type, self.learner_id]
        else:
            first, count = self.planned["first"], self.planned["count"]
            units = f"{counted(count, 'unit')} ({first + 1:,} to {first + count:,})"
            parts = [*filter(None, [self.course_name]), units]
        return one_line(" · ".join(map(str, parts)), most=_LABEL_CHARS)

    def execute(
        self,
        context: Context,
        event: Any = None,
        *,
        not_before: float = 0.0,
        rejections: int = 0,
        position: int = 0,
        of: int | None = None,
        failure: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask for the next page that is not kept yet, until there is none.

        The other parameters come from the deferral that resumes the task: the instant before which it may not
        send, how many access tokens in a row were refused, whose turn it is of how many, and an earlier unit's
        failure.
        """
        execution = self._begin(context, is_resumed=event is not None)
        self.people_url = execution.hook.settings.people_url
        earlier = error_from_facts(failure) if failure else None
        fetch = self._fetch(execution, earlier, position=position, of=of)
        with brief_log(before=position):
            self._fetch_all(execution, fetch, not_before=not_before, rejections=rejections)
        if fetch.failure is not None:
            raise fetch.failure
        return self._counts(fetch, execution.count)

    def _fetch(
        self, execution: Execution, failure: ZohoError | None, *, position: int, of: int | None
    ) -> UnitsOfTask:
        from zoho_people.fetching.units_of_task import UnitFetch, UnitsOfTask
        from zoho_people.staging.progress_pages import Staging

        ti = execution.context["ti"]
        # Clearing a task gives it its retries anew: then a person may have mended what was refused.
        is_retry = ti.try_number > ti.max_tries - (self.retries or 0) + 1
        run_key = Staging.run_key(ti.dag_id, execution.context["run_id"])
        staging = Staging(storage_path(self.output_path), run_key, attribute_choice())
        privacy = self._privacy()
        try:
            found = self._units(staging)
            units = privacy.planned(found) if self.planned is not None else privacy.named_units(found)
        except InvalidPrivacy as error:
            raise AirflowFailException(str(error)) from None
        options = self._fetch_options(execution)
        # A learner who was forgotten meanwhile left the plan: the others moved up, and none may be passed over.
        moved_up = 0 if of is None else max(0, of - len(units))
        return UnitsOfTask(
            units,
            partial(UnitFetch, staging=staging, asks_refused=not is_retry, **options),
            count=execution.count.add,
            position=max(0, position - moved_up),
            failure=failure,
        )

    def _units(self, staging: Staging) -> list[Unit]:
        named = (self.course, self.learner_id, self.entity_type)
        if (self.planned is None) == (named == (None, None, None)):
            raise AirflowFailException(
                "name a unit by course, learner_id and entity_type, or units of the run's plan by planned"
            )
        if self.planned is not None:
            from zoho_people.planning.plan_file import PlanFile

            return PlanFile(staging.store, staging.key).to_fetch(self.planned["first"], self.planned["count"])
        try:
            course, entity_type = Course.parse(self.course), EntityType.parse(self.entity_type or "")
            return [Unit(course, self.learner_id or "", entity_type)]
        except ValueError as error:
            raise AirflowFailException(str(error)) from None

    def _counts(self, fetch: UnitsOfTask, count: RequestCount) -> dict[str, Any]:
        figures = count.spent.to_json()
        if self.planned is not None:
            return figures
        unit = fetch.latest
        return {"outcome": unit.outcome, "pages": unit.pages, "rows": unit.rows, **figures}
