"""The DAG that fetches every learner's progress from Zoho People: ``learner_progress_dag``.

Wiring only: what the tasks do is in :mod:`zoho_people.steps` and in the operators. The steps need all that reads
and writes the dataset, so they are imported when a task runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, chain, get_current_context, task
from airflow.sdk.exceptions import AirflowException

from zoho_people.assets.datasets import dataset_alias, outlets_of
from zoho_people.dags.doc import doc_of
from zoho_people.dags.keywords import (
    InvalidKeyword,
    param_defaults,
    refuse_datasets,
    refuse_names,
    refuse_options,
)
from zoho_people.dags.params import params_of
from zoho_people.dags.run_operators import RunFetchOperator, RunListOperator
from zoho_people.model.pool_names import API_POOL, PUBLISH_POOL
from zoho_people.model.run_tasks import (
    CHECK_TASK_ID,
    FETCH_TASK_ID,
    LIST_COURSES_TASK_ID,
    NEEDS_ROSTERS_TASK_ID,
    PLAN_TASK_ID,
    PUBLISH_TASK_ID,
    READ_ROSTERS_TASK_ID,
    REPORT_TASK_ID,
    publish_task_id,
    read_task_id,
    share_task_id,
)
from zoho_people.notifications.alert import Notifiers
from zoho_people.notifications.alerts import QUOTA_LOW_PERCENT, Alerts
from zoho_people.notifications.late import LateCallback, deadline_of
from zoho_people.operators.retry import ZohoRetryPolicy
from zoho_people.steps.dag_names import CONN_ID, DagNames
from zoho_people.steps.folder_link import FolderLink
from zoho_people.steps.run_params import RunParams
from zoho_people.storage.layout import COURSES, LEARNERS

if TYPE_CHECKING:
    from zoho_people.shared.airflow_internals import ScheduleArg

START_DATE = datetime(2026, 1, 1, tzinfo=UTC)
MAX_ACTIVE_RUNS = 4
TAGS = ("zoho", "lms")

_RUN_TYPES: Any = ["scheduled", "manual", "operator_triggered", "asset_triggered", "asset_materialization"]
"""No backfill: Zoho tells only the present. Airflow then does not offer it."""


def learner_progress_dag(
    *,
    dag_id: str,
    conn_id: str = CONN_ID,
    pool: str = API_POOL,
    publish_pool: str = PUBLISH_POOL,
    schedule: ScheduleArg = "@daily",
    start_date: datetime = START_DATE,
    output_path: str | None = None,
    params: Mapping[str, Any] | None = None,
    max_active_runs: int = MAX_ACTIVE_RUNS,
    tags: Collection[str] = TAGS,
    default_args: Mapping[str, Any] | None = None,
    on_failure: Notifiers = None,
    on_incomplete: Notifiers = None,
    on_quota_low: Notifiers = None,
    quota_low_percent: float = QUOTA_LOW_PERCENT,
    on_lock: Notifiers = None,
    late_after: timedelta | None = None,
    on_late: LateCallback | None = None,
    extra_datasets: Collection[str] = (),
) -> DAG:
    """The DAG that fetches every learner's progress of one organisation, as partitioned Parquet.

    In a file of the DAGs folder the call is all that is needed. What belongs to one organisation has names of its
    own; ``docs/several-organisations.md`` says which. A wrong keyword is an import error of that file.

    :param dag_id: the DAG's id. The Variables that stand in for Params left empty begin with it:
        ``<dag_id>_courses``, ``<dag_id>_learners``, ``<dag_id>_roster_file`` and ``<dag_id>_output``.
    :param conn_id: the connection, of the type Zoho People. Access token, lock and quota of the day are shared by
        all that use this connection, and with no other.
    :param pool: the pool of requests: 30 slots (or fewer), deferred tasks included. One for each organisation.
    :param publish_pool: the pool of one slot in which runs plan and publish. DAGs of one output path name the same
        one; organisations that are not to wait for each other one each.
    :param schedule: what Airflow's DAGs take. What was missed is not caught up: Zoho tells only the present.
    :param start_date: when the schedule begins; a cron expression is read in its time zone.
    :param output_path: root of the dataset, an absolute path or a URL: the default of the Param of that name.
        Where the deployer's ``allowed_roots`` is not set, runs may write there and below. None: the Variable
        ``<dag_id>_output`` says, or else it is ``data/`` in the project.
    :param params: defaults of other Params by name, such as ``{"refresh": "full", "exclude": ["name:Test*"]}``.
        What is given here comes before the Variables.
    :param max_active_runs: how many runs may be active at once.
    :param tags: the DAG's tags.
    :param default_args: arguments of all tasks, such as ``owner`` or ``queue``; two retries, a minute apart, where
        they say nothing else. Tasks that send requests have retries by a policy of their own.
    :param on_failure: a notifier of Airflow's or a list of them, told of each run that fails, once; not of one
        that ``on_incomplete`` tells of. ``docs/alerts.md`` says what its templates may use.
    :param on_incomplete: the same, told when a snapshot is published and something is missing.
    :param on_quota_low: the same, told when little of the day's quota is left.
    :param quota_low_percent: how many percent of the quota (``daily_limit`` less the reserve) count as little.
    :param on_lock: the same, told of each lock of the API once.
    :param late_after: a run that has not succeeded so long after its logical date is late, ``timedelta(hours=6)``
        say. None: no run is.
    :param on_late: what Airflow calls when a run is late, ``AsyncCallback(SmtpNotifier, kwargs={…})`` say.
        None: an error in the triggerer's log.
    :param extra_datasets: what to read besides, when progress is published: ``["learner_courses"]`` asks for the
        courses of every learner of the plan, a request each at the least. ``docs/data.md`` says more.
    :raises InvalidKeyword, InvalidAlert: naming the keyword, its value and the cure.
    """
    names = DagNames(dag_id, conn_id, pool, publish_pool, output_path)
    own_args = {} if default_args is None else default_args
    refuse_names(names)
    refuse_options(start_date=start_date, max_active_runs=max_active_runs, tags=tags, default_args=own_args)
    refuse_datasets(extra_datasets)
    defaults = param_defaults({} if params is None else params, output_path=output_path)
    form = params_of(RunParams, names, defaults)
    _refuse_schedule(schedule, start_date, max_active_runs)
    alerts = Alerts.of(
        conn_id=conn_id,
        on_failure=on_failure,
        on_incomplete=on_incomplete,
        on_quota_low=on_quota_low,
        on_lock=on_lock,
        quota_low_percent=quota_low_percent,
    )
    with DAG(
        dag_id,
        schedule=schedule,
        start_date=start_date,
        catchup=False,
        max_active_runs=max_active_runs,
        allowed_run_types=_RUN_TYPES,
        dagrun_timeout=timedelta(hours=23),
        max_active_tasks=64,
        params=form,
        doc_md=doc_of(names),
        default_args={"retries": 2, "retry_delay": timedelta(minutes=1), **own_args},
        tags=tags,
        deadline=deadline_of(late_after, on_late),
        **alerts.of_dag,
    ) as dag:
        _add_tasks(names, alerts, own_args, extra_datasets)
    return dag


def _add_tasks(
    names: DagNames, alerts: Alerts, default_args: Mapping[str, Any], extra_datasets: Iterable[str]
) -> None:
    conn_id = names.conn_id

    @task(task_id=CHECK_TASK_ID, multiple_outputs=False, show_return_value_in_logs=False)
    def check_request() -> dict[str, Any]:
        from zoho_people.steps import check

        return check.check_request(get_current_context(), names=names)

    # In a pool that everybody gets into: a task that is only to be skipped must not wait for five slots.
    @task.short_circuit(
        task_id=NEEDS_ROSTERS_TASK_ID,
        ignore_downstream_trigger_rules=False,
        show_return_value_in_logs=False,
    )
    def needs_rosters() -> bool:
        from zoho_people.steps import check

        return check.needs_rosters(get_current_context())

    # One at a time: two plans must not count on the same requests of the day.
    @task(
        task_id=PLAN_TASK_ID,
        pool=names.publish_pool,
        trigger_rule="none_failed",
        show_return_value_in_logs=False,
        **alerts.of_plan(default_args),
    )
    def plan() -> list[dict[str, Any]]:
        from zoho_people.steps import plan

        return plan.plan_units(get_current_context(), conn_id=conn_id)

    @task(
        task_id=PUBLISH_TASK_ID,
        pool=names.publish_pool,
        trigger_rule="all_done",
        outlets=outlets_of(names.dag_id),
        show_return_value_in_logs=False,
        **alerts.of_publish(default_args),
    )
    def publish() -> None:
        from zoho_people.steps import publish

        publish.publish_snapshot(get_current_context(), conn_id=conn_id)

    @task(task_id=REPORT_TASK_ID, trigger_rule="all_done", show_return_value_in_logs=False)
    def report() -> None:
        from zoho_people.steps import report

        report.report(get_current_context(), conn_id=conn_id)

    requests: dict[str, Any] = {
        "zoho_people_conn_id": conn_id,
        "pool": names.pool,
        "counted_by_run": True,
        "retries": 8,
        "retry_policy": ZohoRetryPolicy(),
        **alerts.of_requests,
    }
    # Nothing that a person typed may reach a template field: see zoho_people.dags.run_operators.
    list_courses = RunListOperator(task_id=LIST_COURSES_TASK_ID, endpoint=COURSES, **requests)
    read_rosters = RunListOperator.partial(
        task_id=READ_ROSTERS_TASK_ID, endpoint=LEARNERS, **requests
    ).expand(courses=list_courses.output)
    check_request() >> needs_rosters() >> list_courses
    planned = plan()
    fetch = RunFetchOperator.partial(task_id=FETCH_TASK_ID, **requests).expand_kwargs(planned)
    published: Any = publish()
    published.operator.operator_extra_links = [FolderLink()]
    chain(read_rosters, planned, fetch, published, report())
    for dataset in extra_datasets:
        published >> _read_besides(dataset, names, requests)


def _read_besides(dataset: str, names: DagNames, requests: Mapping[str, Any]) -> Any:
    """The tasks that read one of the extra datasets, and publish it; the first of them."""

    @task(task_id=share_task_id(dataset), trigger_rule="all_done", show_return_value_in_logs=False)
    def share_learners() -> list[dict[str, int]]:
        from zoho_people.steps import extra_dataset

        return extra_dataset.share_learners(get_current_context(), conn_id=names.conn_id, dataset=dataset)

    @task(
        task_id=publish_task_id(dataset),
        pool=names.publish_pool,
        trigger_rule="all_done",
        outlets=[dataset_alias(names.dag_id, dataset)],
        show_return_value_in_logs=False,
    )
    def publish_extra() -> None:
        from zoho_people.steps import extra_dataset

        extra_dataset.publish_extra(get_current_context(), conn_id=names.conn_id, dataset=dataset)

    shares: Any = share_learners()
    read = RunListOperator.partial(task_id=read_task_id(dataset), endpoint=dataset, **requests)
    chain(read.expand(share=shares), publish_extra())
    return shares


def _refuse_schedule(schedule: ScheduleArg, start_date: datetime, max_active_runs: int) -> None:
    """:raises InvalidKeyword: where Airflow takes no such *schedule*."""
    try:
        dag = DAG("s", schedule=schedule, start_date=start_date, max_active_runs=max_active_runs)
        dag.timetable.validate()
    except (AirflowException, TypeError, ValueError) as error:
        cure = f"Airflow says: {error}; write '@daily', say, a cron expression, a timedelta or None"
        raise InvalidKeyword("schedule", schedule, cure) from None
