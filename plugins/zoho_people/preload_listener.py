"""Runs in the scheduler, before LocalExecutor forks its workers: loads what every task would load by itself."""

from __future__ import annotations

import sys
from importlib import import_module

from airflow.listeners import hookimpl

MODULES = (
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.definitions.decorators",
    "airflow.providers.standard.decorators.python",
    "airflow.providers.standard.decorators.short_circuit",
    "jinja2.ext",
    "zoho_people.steps",
    "zoho_people.run_operators",
    "zoho_people.retry",
    "zoho_people.hook",
    "zoho_people.group",
    "zoho_people.dataset.plan_file",
    "zoho_people.dataset.run_marker",
)
"""With what they import themselves, all that a task needs up to its request."""


@hookimpl
def on_starting(component: object) -> None:
    """Load the modules, in the scheduler only: the workers are forked from it and have them without an import.

    The client that a worker reaches Airflow's API by keeps its TLS context for the process: reading the
    certificates costs each worker more than the rest of its first start. One client made here leaves the
    context to all of them.
    """
    if sys.argv[1:2] == ["scheduler"]:
        for name in MODULES:
            import_module(name)
        import_module("airflow.sdk.api.client").Client(base_url="http://localhost", token="").close()
