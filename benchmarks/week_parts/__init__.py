"""The parts of `benchmarks/week.py`: a day's run without Airflow, and the day's snapshot against the truth."""
