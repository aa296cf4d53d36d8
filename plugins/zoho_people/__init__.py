"""Learner progress out of Zoho People's LMS, for Apache Airflow.

The package imports neither Airflow, pandas nor pyarrow here, so that a DAG file or a test that needs one
part of it pays for that part only:

* :mod:`zoho_people.hook`, :mod:`zoho_people.operator`, :mod:`zoho_people.trigger`: the Airflow classes;
* :mod:`zoho_people.api`: the Zoho People API, without Airflow;
* :mod:`zoho_people.dataset`: the Parquet dataset, without Airflow.
"""

__version__ = "0.1.0"
"""The one place of the version: the wheel's, the provider's and the plugin's."""
