"""Another DAG in the pool of `zoho_learner_progress`: uses the operator, and the hook by itself."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from airflow.sdk import Param, dag, get_current_context, task

from zoho_people.configuration.roots import storage_path
from zoho_people.fetching.pace import LEAD_S
from zoho_people.hooks.zoho_people import ZohoLearnerProgressHook
from zoho_people.model.pool_names import API_POOL, PUBLISH_POOL
from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator
from zoho_people.operators.retry import ZohoRetryPolicy
from zoho_people.shared.process import THIS_PROCESS

CONN_ID = "zoho_people_default"
ASKED_BY_HOOK = 3


@dag(
    schedule=None,
    max_active_tasks=64,
    params={name: Param(None) for name in ("courses", "learner_ids", "entity_types", "output_path")},
)
def chaos_other_dag() -> None:
    @task
    def units() -> list[dict[str, str]]:
        params = get_current_context()["params"]
        return [
            {"course": course, "learner_id": learner, "entity_type": entity_type}
            for course in params["courses"]
            for learner in params["learner_ids"]
            for entity_type in params["entity_types"]
        ]

    @task(pool=API_POOL, retries=8, retry_policy=ZohoRetryPolicy())
    def ask_by_hook(number: int) -> int:
        """One request that holds its slot by running: not before the process is old enough, a window long."""
        params = get_current_context()["params"]
        hook = ZohoLearnerProgressHook(CONN_ID)
        time.sleep(max(0.0, LEAD_S - THIS_PROCESS.age_s()))
        try:
            page = hook.get_page(
                params["courses"][0], None, params["learner_ids"][0], params["entity_types"][number]
            )
        finally:
            time.sleep(hook.settings.window_s)
        return len(page.records)

    @task(pool=PUBLISH_POOL)
    def publish_all(wanted: list[dict[str, str]]) -> int:
        from zoho_people.model.entity_type import EntityType
        from zoho_people.model.planned_unit import PlannedUnit, Reason
        from zoho_people.model.unit import Course, Unit
        from zoho_people.planning.plan_file import PlanFile, PlanWriter
        from zoho_people.publishing.coverage import write_coverage
        from zoho_people.publishing.publish import publish
        from zoho_people.staging.progress_pages import Staging

        context = get_current_context()
        run_key = Staging.run_key(context["ti"].dag_id, context["run_id"])
        staging = Staging(storage_path(context["params"]["output_path"]), run_key)
        files: dict[Course, dict[EntityType, list[PlannedUnit]]] = {}
        for each in wanted:
            course = Course.parse(each["course"])
            unit = Unit(course, each["learner_id"], EntityType.parse(each["entity_type"]))
            planned = files.setdefault(course, {}).setdefault(unit.entity_type, [])
            planned.append(PlannedUnit(unit, Reason.NAMED))
        with PlanWriter.opened(staging.store, run_key) as writer:
            for of_course in files.values():
                for planned in of_course.values():
                    writer.add(sorted(planned, key=lambda each: each.unit.learner_id))
        plan, now = PlanFile(staging.store, run_key), datetime.now(UTC)
        report = publish(staging, plan, now.date(), now)
        write_coverage(staging, plan, now.date(), context["run_id"])
        staging.remove()
        return len(report.files)

    wanted = units()
    fetch = ZohoLearnerProgressOperator.partial(
        task_id="fetch",
        output_path="{{ params.output_path }}",
        zoho_people_conn_id=CONN_ID,
        retries=8,
        retry_policy=ZohoRetryPolicy(),
    ).expand_kwargs(wanted)
    fetch >> publish_all(wanted)
    ask_by_hook.expand(number=list(range(ASKED_BY_HOOK)))


chaos_other_dag()
