"""A local Airflow for this project: `make run`, `make up`, and the real Airflow under the tests.

`python -m local_airflow` is what the Makefile calls. Tests and benchmarks use `LocalAirflow` of
`local_airflow.instance` and `LocalEmulator` of `local_airflow.emulator`. Nothing in `dags/` or `plugins/` knows
this package.
"""
