"""Forgets learners: erases all that an output path has of them, by hand from the UI: an Airflow DAG in a call."""

from zoho_people import forget_learners_dag

dag = forget_learners_dag(
    dag_id="zoho_learner_progress_forget",
    progress_dag_id="zoho_learner_progress",
    publish_pool="zoho_people_publish",
)
