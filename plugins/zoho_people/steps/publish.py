"""The third step: what was fetched goes into the dataset, whatever failed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from zoho_people.steps.run import checked_request, plan_of, staging_of
from zoho_people.tally import total

if TYPE_CHECKING:
    from airflow.sdk import Context

    from zoho_people.dataset.coverage import Coverage

log = logging.getLogger(__name__)

_NAMED = 20
"""How many missing units a failure names."""


def publish_snapshot(
    context: Context, results: Iterable[Mapping[str, Any]], *, conn_id: str
) -> dict[str, Any]:
    """Merge what the run fetched into the dataset, and write its coverage. Returns counts and paths.

    *results* are the return values of the tasks that sent requests.

    :raises AirflowFailException: naming what is missing (the first 20, and the count). The rest is published, and
        counts and paths are pushed all the same. Where the failed tasks are cleared, this one is with them, and so
        the same snapshot is completed.
    :raises AirflowSkipException: in a dry run.
    """
    from zoho_people.dataset.coverage import write_coverage
    from zoho_people.dataset.publish import publish
    from zoho_people.hook import ZohoLearnerProgressHook

    request = checked_request(context)
    if request.dry_run:
        raise AirflowSkipException("a dry run publishes nothing")
    staging = staging_of(context, request)
    plan = plan_of(staging)
'''
