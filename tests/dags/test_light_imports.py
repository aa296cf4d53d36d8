"""What Airflow parses again and again, DAG files first of all, loads nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.helpers.dag_files import ROOT

pytestmark = pytest.mark.component

DAG_FILES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "dags").glob("*.py"))
IMPORT = """
import importlib, runpy, sys
for what in sys.argv[1:]:
    runpy.run_path(what) if what.endswith(".py") else importlib.import_module(what)
    heavy = ("pandas", "pyarrow", "requests", "duckdb", "zoho_people.hooks.zoho_people")
    print(what, [name for name in heavy if name in sys.modules])
"""


def test_neither_assets_nor_dag_files_import_anything_heavy() -> None:
    """One after the other in one interpreter: the first that loads something, and no later one, is to blame."""
    light = ["zoho_people.assets.datasets", *DAG_FILES]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, *light],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.endswith("]")] == [
        f"{name} []" for name in light
    ]
