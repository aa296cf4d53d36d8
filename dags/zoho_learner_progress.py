"""Every learner's progress from Zoho People, daily, as partitioned Parquet.

Wiring only: what the steps do is in ``plugins/zoho_people``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Asset, Param, dag, get_current_context, task

from zoho_people import steps
from zoho_people.api.entity_type import ENTITY_TYPE_NAMES
from zoho_people.operator import ZohoLearnerProgressOperator
from zoho_people.pace import API_POOL, PUBLISH_POOL
from zoho_people.retry import ZohoRetryPolicy

CONN_ID = "zoho_people_default"

DOC = """
### Learner progress from Zoho People

Fetches every learner's progress in every entity type of the named courses and writes it as Parquet:

`<output_path>/learner_progress/entity_type=…/snapshot_date=…/course-<courseId>[-batch-<batchId>].parquet`

| task | what it does |
|---|---|
| `check_request` | checks Params, Variables, connection and output path; logs the plan. Spends no request |
| `fetch` | one mapped task per course, learner and entity type. Each request holds one slot of the pool `zoho_people_api` for a minute, so Zoho never sees more than 30 in any 60 seconds. A green-violet (deferred) task has its answer and only holds its slot |
| `publish` | merges what was fetched into the dataset and writes the coverage. One at a time (pool `zoho_people_publish`) |
| `report` | logs a summary; fails when a learner is missing, and names it |

**To complete a run in which tasks failed:** clear the failed `fetch` tasks with their downstream tasks. The
same snapshot is completed; what is there already is not asked for again.

**Scheduled runs** take courses and learners from the Variables `zoho_learner_progress_courses` and
`zoho_learner_progress_learners` (JSON lists of strings). A run by hand may name others below.
"""

PARAMS = {
    "courses": Param(
        [],
        type="array",
        items={"type": "string", "pattern": "^[0-9]+(/[0-9]+)?$"},
        title="Courses",
        description="One a line: `courseId`, or `courseId/batchId` for a batch of a blended course. "
        "Empty: those of the Variable `zoho_learner_progress_courses`.",
    ),
    "learner_ids": Param(
        [],
        type="array",
        items={"type": "string", "pattern": "^[0-9]+$"},
        title="Learners",
        description="One learner id a line. Empty: those of the Variable `zoho_learner_progress_learners`.",
    ),
    "entity_types": Param(
        list(ENTITY_TYPE_NAMES),
        type="array",
        items={"type": "string", "enum": list(ENTITY_TYPE_NAMES)},
        examples=list(ENTITY_TYPE_NAMES),
        title="Entity types",
        description="What to fetch of each course. Empty: all ten.",
    ),
    "output_path": Param(
        None,
        type=["null", "string"],
        title="Output path",
        description="Root of the dataset: an absolute path, or a URL such as `s3://aws_default@bucket/zoho`. "
        "Empty: the Variable `zoho_learner_progress_output`, or else `data/` in the project.",
    ),
}


@dag(
    schedule="@daily",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=4,
    dagrun_timeout=timedelta(hours=23),
    max_active_tasks=64,
    params=PARAMS,
    doc_md=DOC,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    tags=["zoho", "lms"],
)
def zoho_learner_progress() -> None:
    @task(show_return_value_in_logs=False)
    def check_request() -> list[dict[str, Any]]:
        return steps.check_request(get_current_context(), conn_id=CONN_ID)

    @task(
        pool=PUBLISH_POOL,
        trigger_rule="all_done",
        outlets=[Asset("zoho_learner_progress")],
        multiple_outputs=False,
    )
    def publish(mapped: list[dict[str, Any]], fetched: Iterable[dict[str, Any]]) -> dict[str, Any]:
        return steps.publish_snapshot(get_current_context(), mapped, fetched, conn_id=CONN_ID)

    @task
    def report(published: dict[str, Any]) -> None:
        steps.report(get_current_context(), published, conn_id=CONN_ID)

    units = check_request()
    fetch = ZohoLearnerProgressOperator.partial(
        task_id="fetch",
        output_path=steps.OUTPUT_PATH_TEMPLATE,
        zoho_people_conn_id=CONN_ID,
        pool=API_POOL,
        counted_by_run=True,
        retries=8,
        retry_policy=ZohoRetryPolicy(),
    ).expand_kwargs(units)
    report(publish(units, fetch.output))


zoho_learner_progress()
