"""Every learner's progress from Zoho People, daily, as partitioned Parquet: an Airflow DAG in a call."""

from zoho_people import learner_progress_dag

dag = learner_progress_dag(
    dag_id="zoho_learner_progress",
    conn_id="zoho_people_default",
    pool="zoho_people_api",
    publish_pool="zoho_people_publish",
    schedule="@daily",
)
