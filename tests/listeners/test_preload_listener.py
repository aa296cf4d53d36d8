from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
START = """
import importlib.util, json, sys
components = json.loads(sys.argv[1])
from zoho_people.listeners import preload_listener
for sys.argv in components:
    preload_listener.on_starting(None)
before = set(sys.modules)
spec = importlib.util.spec_from_file_location("dag_file", "dags/zoho_learner_progress.py")
spec.loader.exec_module(importlib.util.module_from_spec(spec))
from zoho_people.hooks import zoho_people as hook
from zoho_people.fetching import unit_fetch as fetch, units_of_task as group
from zoho_people.planning import plan_file
from zoho_people.staging import progress_pages as staging
from zoho_people.operators.learner_progress import ZohoLearnerProgressOperator
late = sorted({name.partition(".")[0] for name in set(sys.modules) - before})

import ssl
from airflow.sdk.api.client import Client
read, contexts = ssl.create_default_context, []
ssl.create_default_context = lambda *args, **kwargs: contexts.append(1) or read(*args, **kwargs)
Client(base_url="http://localhost", token="").close()
print("late:", [name for name in ("zoho_people", "pyarrow", "numpy", "requests", "aiohttp") if name in late])
print("TLS contexts:", len(contexts))
"""
"""What Airflow does with the listener, and then what a task's process loads up to its request."""


def late_in(*components: Sequence[str]) -> list[str]:
    """What comes late where these start, one after the other: what one of them had loaded would not be late."""
    done = subprocess.run(
        [sys.executable, "-c", START, json.dumps(components)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-2:]


def test_a_task_of_the_scheduler_s_workers_loads_nothing_by_itself() -> None:
    assert late_in(("airflow", "scheduler", "--skip-serve-logs")) == ["late: []", "TLS contexts: 0"]


def test_other_components_load_nothing_early() -> None:
    late = "late: ['zoho_people', 'pyarrow', 'numpy', 'requests', 'aiohttp']"
    others = [("airflow", component) for component in ("triggerer", "dag-processor", "api-server")]
    assert late_in(*others) == [late, "TLS contexts: 1"]
