"""A file of the DAGs folder, as Airflow reads it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from airflow.sdk import DAG

ROOT = Path(__file__).parents[2]
_IMPORT = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("dag_file", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
heavy = ("pandas", "pyarrow", "requests", "zoho_people.hooks.zoho_people")
print("heavy:", [name for name in heavy if name in sys.modules])
"""


def dag_of(path: Path) -> DAG:
    """The DAG that *path* defines as ``dag``."""
    spec = importlib.util.spec_from_file_location(f"{path.stem}_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: DAG = module.dag
    return found


def assert_imports_nothing_heavy(path: Path) -> None:
    """In an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "heavy: []"
