"""One request and what follows from it. Imports no Airflow, and does not wait itself."""
