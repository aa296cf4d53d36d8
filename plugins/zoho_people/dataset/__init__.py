"""The dataset: staging, schema, publishing, coverage. Imports no Airflow."""
