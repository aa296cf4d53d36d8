"""Tells what changed from snapshot to snapshot, whenever learner progress was published: an Airflow DAG in a call."""

from zoho_people import learner_progress_changes_dag

dag = learner_progress_changes_dag(
    dag_id="zoho_learner_progress_changes",
    progress_dag_id="zoho_learner_progress",
    publish_pool="zoho_people_publish",
)
