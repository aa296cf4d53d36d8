"""The page "Learner progress": who may see it, and what it shows. Only Airflow's API server loads it."""
