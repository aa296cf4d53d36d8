"""Runs in the scheduler, before LocalExecutor forks its workers: loads what every task would load by itself."""

from __future__ import annotations

import sys
from importlib import import_module

from airflow.listeners import hookimpl

from zoho_people.shared.airflow_internals import load_before_the_fork

MODULES = (
    "zoho_people.steps.check",
    "zoho_people.steps.extra_dataset",
    "zoho_people.steps.plan",
    "zoho_people.steps.publish",
    "zoho_people.steps.report",
    "zoho_people.dags.run_operators",
    "zoho_people.dags.learner_progress",
    "zoho_people.operators.retry",
    "zoho_people.hooks.zoho_people",
    "zoho_people.fetching.units_of_task",
    "zoho_people.planning.plan_file",
    "zoho_people.staging.run_marker",
)
"""With what they import themselves, all of this package that a task needs up to its request."""


@hookimpl
def on_starting(component: object) -> None:
    """Load the modules, in the scheduler only: the workers are forked from it and have them without an import."""
    if sys.argv[1:2] == ["scheduler"]:
        load_before_the_fork()
        for name in MODULES:
            import_module(name)
        # What the checks of a DAG's Params compile is kept, too.
        import_module("zoho_people.dags.learner_progress").learner_progress_dag(
            dag_id="loaded_before_the_fork"
        )
