"""What Airflow shows of the operators."""
