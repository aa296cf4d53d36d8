"""The operators of this project's own DAG: what a person typed reaches them without being rendered.

Airflow renders every string that reaches a template field, also one that ``expand_kwargs`` takes from an XCom: a
Param could so read any connection. These operators have no template field: the request and the plan come as plain
values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator
from zoho_people.operators.lists import ZohoListOperator
from zoho_people.storage.layout import COURSES

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.model.unit import Unit
    from zoho_people.staging.list_pages import ListStaging
    from zoho_people.staging.progress_pages import Staging


class RunFetchOperator(ZohoLearnerProgressOperator):
    """Fetches what an item of the run's plan says, output path included: no task asks Airflow for more."""

    template_fields: Sequence[str] = ()

    def _units(self, staging: Staging) -> list[Unit]:
        from zoho_people.steps.run import refuse_unshared

        refuse_unshared(staging.store, staging.key)
        return super()._units(staging)


class RunListOperator(ZohoListOperator):
    """Reads the lists that the run's checked request asks for, into its output path."""

    template_fields: Sequence[str] = ()

    def __init__(self, *, output_path: str = "", **kwargs: Any) -> None:
        super().__init__(output_path=output_path, **kwargs)

    def pre_execute(self, context: Context) -> None:
        """Take the request; Airflow calls this whenever the task starts or resumes."""
        from zoho_people.steps.run import Run

        request = Run.of(context).request
        self.output_path = request.output_path
        self.deferrable = request.may_defer
        if self.endpoint == COURSES:
            self.courses, self.include, self.exclude = request.courses, request.include, request.exclude

    def _staging(self, context: Context) -> ListStaging:
        from zoho_people.steps.run import refuse_unshared

        staging = super()._staging(context)
        refuse_unshared(staging.store, staging.key)
        return staging
