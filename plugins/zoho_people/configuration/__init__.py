"""What the deployer set in Airflow's configuration, and what follows from it for runs."""
