"""What a run has fetched and not yet published: pages, the rows in them, and how far each unit is. No Airflow."""
