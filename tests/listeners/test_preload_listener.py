from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.component

ROOT = Path(__file__).parents[2]
START = """
import importlib.util, re, ssl, sys
from zoho_people.listeners import preload_listener

read, contexts = ssl.create_default_context, []
ssl.create_default_context = lambda *args, **kwargs: contexts.append(1) or read(*args, **kwargs)
heavy = ("pyarrow", "numpy", "requests", "aiohttp", "zoho_people.hooks")
for sys.argv in [["airflow", component] for component in ("triggerer", "dag-processor", "api-server")]:
    preload_listener.on_starting(None)
    print(sys.argv[1], "loads", [name for name in heavy if name in sys.modules], len(contexts))

sys.argv = ["airflow", "scheduler", "--skip-serve-logs"]
preload_listener.on_starting(None)
before, contexts[:] = set(sys.modules), []
compile_pattern, compiled = re._compiler.compile, []
re._compiler.compile = lambda *args: compiled.append(args) or compile_pattern(*args)
spec = importlib.util.spec_from_file_location("dag_file", "dags/zoho_learner_progress.py")
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print("its DAG loads", len(compiled))
from airflow.sdk.listener import get_listener_manager
print("plugins with listeners loads", get_listener_manager.cache_info().currsize)
from zoho_people.hooks import zoho_people as hook
from zoho_people.fetching import page_fetch as fetch, units_of_task as group
from zoho_people.planning import plan_file
from zoho_people.staging import progress_pages as staging
from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator
from zoho_people.steps import check, extra_dataset, plan, publish, report
from airflow.sdk.api.client import Client
late = sorted({name.partition(".")[0] for name in set(sys.modules) - before})
Client(base_url="http://localhost", token="").close()
of_us = [name for name in ("zoho_people", "pyarrow", "numpy", "requests", "aiohttp") if name in late]
print("a task of the scheduler loads", of_us, len(contexts))
"""
"""What Airflow does with the listener; last in the scheduler, and then what a task's process loads by itself.

With how many TLS contexts it makes (reading the certificates takes longest of all), how many patterns its DAG
compiles, and whether the plugins with listeners are known.
"""


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What is told of each component, one after the other in one interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if " loads " in line]


def test_a_task_of_the_scheduler_s_workers_loads_nothing_by_itself(told: list[str]) -> None:
    assert told[5:] == ["a task of the scheduler loads [] 0"]


def test_nor_does_it_compile_patterns_or_look_for_plugins(told: list[str]) -> None:
    assert told[3:5] == ["its DAG loads 0", "plugins with listeners loads 1"]


def test_other_components_load_nothing_early(told: list[str]) -> None:
    others = ("triggerer", "dag-processor", "api-server")
    assert told[:3] == [f"{component} loads [] 0" for component in others]
