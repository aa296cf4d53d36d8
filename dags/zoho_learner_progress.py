"""Every learner's progress from Zoho People, daily, as partitioned Parquet.

Wiring only: what the steps do is in ``plugins/zoho_people``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Asset, Param, chain, dag, get_current_context, task

from zoho_people import steps
from zoho_people.api.entity_type import ENTITY_TYPE_NAMES
from zoho_people.limits import LIMITS
from zoho_people.location import LONGEST
from zoho_people.pace import PUBLISH_POOL
from zoho_people.request import DEFAULTS, REFRESHES
from zoho_people.retry import ZohoRetryPolicy
from zoho_people.run_operators import RunFetchOperator, RunRosterOperator

CONN_ID = "zoho_people_default"

DOC = """
### Learner progress from Zoho People

Fetches every learner's progress in every entity type of the courses asked for and writes it as Parquet:

`<output_path>/learner_progress/entity_type=…/snapshot_date=…/course-<courseId>[-batch-<batchId>].parquet`

| task | what it does |
|---|---|
| `check_request` | checks Params, Variables, connection and output path. Spends no request |
| `needs_rosters`, `list_courses`, `read_rosters` | ask Zoho for the courses, their batches and their learners; skipped where all are named |
| `plan` | decides which units (course, learner, entity type) are asked for, and why; logs what that costs |
| `fetch` | mapped tasks, each with one unit or several. Each request holds one slot of the pool `zoho_people_api` for a minute, so Zoho never sees more than 30 in any 60 seconds. A green-violet (deferred) task has its answer and only holds its slot |
| `publish` | merges what was fetched into the dataset and writes the coverage. One at a time (pool `zoho_people_publish`). Fails when something is missing, and names it |
| `report` | logs a summary |

**To complete a run in which tasks failed:** clear the run's failed tasks; where `publish` names courses whose learners
are not known, clear `read_rosters` with what follows it. The same snapshot is completed; what is there already is not
asked for again.

**Scheduled runs** fetch all learners of every published course, or what the Variables `zoho_learner_progress_courses`
and `zoho_learner_progress_learners` name (JSON lists of strings). A run by hand may name others below.
"""


def texts(name: str, **rules: Any) -> dict[str, Any]:
    """The schema of a Param that is a list of texts, each by *rules*."""
    limit = LIMITS[name]
    return {
        # With null allowed the form marks none of them as required: each may be empty.
        "type": ["array", "null"],
        "maxItems": limit.items,
        "items": {"type": "string", "maxLength": limit.chars, **rules},
    }


PARAMS = {
    "courses": Param(
        [],
        **texts("courses", pattern="^[0-9]+(/[0-9]+)?$"),
        title="Courses",
        description_md="One a line: `courseId`, or `courseId/batchId` for a batch of a blended course. "
        "Empty: those of the Variable `zoho_learner_progress_courses`, or else every published course.",
    ),
    "learner_ids": Param(
        [],
        **texts("learner_ids", pattern="^[0-9]+$"),
        title="Learners",
        description_md="One learner id a line. Empty: those of the Variable `zoho_learner_progress_learners`, or else "
        "all learners of each course.",
    ),
    "roster_file": Param(
        None,
        type=["null", "string"],
        maxLength=LONGEST,
        title="Roster file",
        description_md="Instead of the two above: a CSV or Parquet file with the columns `course_id`, `batch_id` and "
        "`learner_id`, where the output may be. Empty: the Variable `zoho_learner_progress_roster_file`.",
    ),
    "include": Param(
        [],
        **texts("include"),
        title="Only these courses",
        description_md="One rule a line: an id, `name:<pattern>` with `*` and `?`, or `type:` and `self_paced`, `blended` "
        "or `e_material`. Empty: all.",
    ),
    "exclude": Param(
        [],
        **texts("exclude"),
        title="Not these courses",
        description_md="Rules as above; they win.",
    ),
    "entity_types": Param(
        list(ENTITY_TYPE_NAMES),
        **texts("entity_types", enum=list(ENTITY_TYPE_NAMES)),
        examples=list(ENTITY_TYPE_NAMES),
        title="Entity types",
        description_md="What to fetch of each course. Empty: all ten.",
    ),
    "output_path": Param(
        None,
        type=["null", "string"],
        maxLength=LONGEST,
        title="Output path",
        description_md="Root of the dataset: an absolute path, or a URL such as `s3://aws_default@bucket/zoho`, where the "
        "deployer lets it be. Empty: the Variable `zoho_learner_progress_output`, or else `data/` in the project.",
    ),
    "refresh": Param(
        DEFAULTS["refresh"],
        type="string",
        enum=list(REFRESHES),
        title="Refresh",
        description_md="`changed`: a learner whose course progress is what it was is not asked again, the rows are "
        "carried forward. `full`: everybody is asked.",
    ),
    "full_every_days": Param(
        DEFAULTS["full_every_days"],
        type="integer",
        minimum=1,
        maximum=366,
        title="Full refresh after days",
        description_md="With `changed`: what was last fetched so many days ago is asked again in any case.",
    ),
    "skip_absent_types": Param(
        DEFAULTS["skip_absent_types"],
        type="boolean",
        title="Skip absent types",
        description_md="An entity type that none of several learners of a course has is not asked of all the others.",
    ),
    "units_per_task": Param(
        DEFAULTS["units_per_task"],
        type=["null", "integer"],
        minimum=1,
        maximum=10_000,
        title="Units per task",
        description_md="Empty: one while they are few, as many as needed later.",
    ),
    "dry_run": Param(
        DEFAULTS["dry_run"],
        type="boolean",
        title="Dry run",
        description_md="Stop after the plan: what would be fetched, why, and what it costs.",
    ),
}


@dag(
    schedule="@daily",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=4,
    # No backfill: Zoho tells only the present. Airflow then does not offer it.
    allowed_run_types=[
        "scheduled",
        "manual",
        "operator_triggered",
        "asset_triggered",
        "asset_materialization",
    ],
    dagrun_timeout=timedelta(hours=23),
    max_active_tasks=64,
    params=PARAMS,
    doc_md=DOC,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1)},
    tags=["zoho", "lms"],
)
def zoho_learner_progress() -> None:
    @task(multiple_outputs=False, show_return_value_in_logs=False)
    def check_request() -> dict[str, Any]:
        return steps.check_request(get_current_context(), conn_id=CONN_ID)

    # In a pool that everybody gets into: a task that is only to be skipped must not wait for five slots.
    @task.short_circuit(ignore_downstream_trigger_rules=False, show_return_value_in_logs=False)
    def needs_rosters() -> bool:
        return steps.needs_rosters(get_current_context())

    # One at a time: two plans must not count on the same requests of the day.
    @task(pool=PUBLISH_POOL, trigger_rule="none_failed", show_return_value_in_logs=False)
    def plan() -> list[dict[str, Any]]:
        return steps.plan_units(get_current_context(), conn_id=CONN_ID)

    @task(
        pool=PUBLISH_POOL,
        trigger_rule="all_done",
        outlets=[Asset("zoho_learner_progress")],
        show_return_value_in_logs=False,
    )
    def publish() -> None:
        steps.publish_snapshot(get_current_context(), conn_id=CONN_ID)

    @task(trigger_rule="all_done", show_return_value_in_logs=False)
    def report() -> None:
        steps.report(get_current_context(), conn_id=CONN_ID)

    requests = {
        "zoho_people_conn_id": CONN_ID,
        "counted_by_run": True,
        "retries": 8,
        "retry_policy": ZohoRetryPolicy(),
    }
    # Nothing that a person typed may reach a template field: see zoho_people.run_operators.
    list_courses = RunRosterOperator(task_id="list_courses", what="courses", **requests)
    read_rosters = RunRosterOperator.partial(task_id="read_rosters", what="rosters", **requests).expand(
        courses=list_courses.output
    )
    check_request() >> needs_rosters() >> list_courses
    planned = plan()
    fetch = RunFetchOperator.partial(task_id="fetch", **requests).expand_kwargs(planned)
    chain(read_rosters, planned, fetch, publish(), report())


zoho_learner_progress()
