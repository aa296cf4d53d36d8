"""The DAG that forgets learners, by hand from the UI: ``forget_learners_dag``.

Wiring only: what it does is in :mod:`zoho_people.steps.forget`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from airflow.sdk import DAG, get_current_context, task

from zoho_people.dags.doc import doc_of_forgetting
from zoho_people.dags.keywords import refuse_names, refuse_options
from zoho_people.dags.learner_progress import START_DATE, TAGS
from zoho_people.dags.params import params_of
from zoho_people.model.pool_names import PUBLISH_POOL
from zoho_people.model.run_tasks import FORGET_TASK_ID
from zoho_people.steps.dag_names import DAG_ID, DagNames
from zoho_people.steps.run_params import ForgetParams


def forget_learners_dag(
    *,
    dag_id: str,
    progress_dag_id: str = DAG_ID,
    publish_pool: str = PUBLISH_POOL,
    output_path: str | None = None,
    tags: Collection[str] = TAGS,
) -> DAG:
    """The DAG that erases all that an output path has of the learners named: one for each organisation.

    Whoever may trigger it can erase. Where it has an *output_path*, it erases there and below only, whatever else
    the deployer allows; so the DAG of each organisation can be given to other people.

    :param dag_id: the DAG's id.
    :param progress_dag_id: the id of the organisation's DAG that fetches; its Variable
        ``<progress_dag_id>_output`` stands in for an output path that is left empty.
    :param publish_pool: that of the DAG that fetches, a pool of one slot.
    :param output_path: that of the DAG that fetches.
    :param tags: the DAG's tags.
    :raises InvalidKeyword: naming the keyword, its value and the cure.
    """
    refuse_names(DagNames(dag_id))
    names = DagNames(progress_dag_id, publish_pool=publish_pool, output_path=output_path)
    refuse_names(names, dag_id="progress_dag_id")
    refuse_options(start_date=START_DATE, max_active_runs=1, tags=tags, default_args={})
    defaults = {**ForgetParams().model_dump(), "output_path": output_path}
    with DAG(
        dag_id,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=23),
        params=params_of(ForgetParams, names, defaults),
        doc_md=doc_of_forgetting(names),
        default_args={"retries": 5, "retry_delay": timedelta(minutes=1)},
        tags=tags,
    ) as dag:

        @task(task_id=FORGET_TASK_ID, pool=publish_pool)
        def forget() -> None:
            from zoho_people.steps.forget import forget as forget_learners

            forget_learners(get_current_context(), names=names)

        forget()
    return dag
