"""Staged and carried rows into whole files, coverage and the report. Imports no Airflow."""
