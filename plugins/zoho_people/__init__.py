"""Learner progress out of Zoho People's LMS, for Apache Airflow.

The package imports neither Airflow, pandas nor pyarrow here, so that a DAG file or a test that needs one
part of it pays for that part only:

* :func:`learner_progress_dag`, :func:`learner_progress_changes_dag`, :func:`forget_learners_dag`: whole DAGs, by a
  call in a file of the DAGs folder;
* :mod:`zoho_people.hooks`, :mod:`zoho_people.operators`, :mod:`zoho_people.triggers`: the Airflow classes;
* :mod:`zoho_people.zoho`: the Zoho People API, without Airflow;
* :mod:`zoho_people.storage` to :mod:`zoho_people.publishing`: the Parquet dataset, without Airflow.

The rooms in their order, and what may import what: ``CONTRIBUTING.md``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoho_people.dags.forget_learners import forget_learners_dag
    from zoho_people.dags.learner_progress import learner_progress_dag
    from zoho_people.dags.learner_progress_changes import learner_progress_changes_dag

__all__ = ["__version__", "forget_learners_dag", "learner_progress_changes_dag", "learner_progress_dag"]

__version__ = "0.1.0"
"""The one place of the version: the wheel's, the provider's and the plugin's."""


_DAGS = {
    "forget_learners_dag": "zoho_people.dags.forget_learners",
    "learner_progress_changes_dag": "zoho_people.dags.learner_progress_changes",
    "learner_progress_dag": "zoho_people.dags.learner_progress",
}


def __getattr__(name: str) -> object:
    if name not in _DAGS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_DAGS[name]), name)
