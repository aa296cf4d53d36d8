"""Files: where they are, what is in them, and how they are written whole. Imports no Airflow."""
