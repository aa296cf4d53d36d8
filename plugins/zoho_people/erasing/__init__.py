"""Takes learners out of all that an output path has. Imports no Airflow."""
