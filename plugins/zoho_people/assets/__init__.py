"""The datasets as Airflow's assets: what a DAG can be scheduled on."""
