"""Which units a run asks for, why, and what that costs. Imports no Airflow."""
