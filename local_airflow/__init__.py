"""A local Airflow for this project: `make run`, `make up`, and the real Airflow under the tests.

`python -m local_airflow` is what the Makefile calls. Tests and benchmarks use `local_airflow.instance.LocalAirflow`
and `local_airflow.emulator.LocalEmulator`. Nothing in `dags/` or `plugins/` knows this package.
"""
