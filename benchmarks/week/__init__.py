"""A week of a company without Airflow, each day's snapshot against the truth; `__main__` runs and judges it."""
