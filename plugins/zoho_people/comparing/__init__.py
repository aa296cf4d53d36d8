"""What changed from one snapshot to the next, entity by entity. Imports no Airflow."""
