"""The DAG that tells what changed from snapshot to snapshot: ``learner_progress_changes_dag``.

Wiring only: what it does is in :mod:`zoho_people.steps.changes`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from airflow.sdk import DAG, Asset, get_current_context, task

from zoho_people.assets.datasets import dataset_alias
from zoho_people.dags.doc import doc_of_changes
from zoho_people.dags.keywords import InvalidKeyword, refuse_names, refuse_options
from zoho_people.dags.learner_progress import START_DATE, TAGS
from zoho_people.dags.params import params_of
from zoho_people.model.pool_names import PUBLISH_POOL
from zoho_people.model.run_tasks import COMPARE_TASK_ID
from zoho_people.steps.dag_names import DAG_ID, DagNames
from zoho_people.steps.run_params import ChangesParams
from zoho_people.storage.layout import CHANGES


def learner_progress_changes_dag(
    *,
    dag_id: str,
    progress_dag_id: str = DAG_ID,
    publish_pool: str = PUBLISH_POOL,
    output_path: str | None = None,
    tags: Collection[str] = TAGS,
) -> DAG:
    """The DAG that writes the dataset ``changes`` when a run of another has published: one for each organisation.

    It is scheduled on the asset of that DAG, and compares each snapshot in the output path where its run wrote it.

    :param dag_id: the DAG's id.
    :param progress_dag_id: the id of the organisation's DAG that fetches, on whose asset this one is scheduled;
        its Variable ``<progress_dag_id>_output`` stands in for an output path that is left empty.
    :param publish_pool: that of the DAG that fetches, a pool of one slot: while one compares, none publishes.
    :param output_path: that of the DAG that fetches. Where it is given, this one compares there and below only.
    :param tags: the DAG's tags.
    :raises InvalidKeyword: naming the keyword, its value and the cure.
    """
    refuse_names(DagNames(dag_id))
    names = DagNames(progress_dag_id, publish_pool=publish_pool, output_path=output_path)
    refuse_names(names, dag_id="progress_dag_id")
    if dag_id == progress_dag_id:
        raise InvalidKeyword("dag_id", dag_id, "it is the DAG that fetches; give this one an id of its own")
    refuse_options(start_date=START_DATE, max_active_runs=1, tags=tags, default_args={})
    defaults = ChangesParams().model_dump()
    with DAG(
        dag_id,
        schedule=[Asset(progress_dag_id)],
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(hours=23),
        params=params_of(ChangesParams, names, defaults),
        doc_md=doc_of_changes(names),
        default_args={"retries": 5, "retry_delay": timedelta(minutes=1)},
        tags=tags,
    ) as dag:

        @task(task_id=COMPARE_TASK_ID, pool=publish_pool, outlets=[dataset_alias(dag_id, CHANGES)])
        def compare() -> None:
            from zoho_people.steps.changes import tell_changes

            tell_changes(get_current_context(), names=names)

        compare()
    return dag
