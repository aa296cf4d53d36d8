from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in ("zoho_people.api", "zoho_people.dataset"):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
        print("imported", module.name)
print("airflow:", sorted(name for name in sys.modules if name.startswith("airflow")))
"""


def test_the_package_itself_imports_no_airflow_though_it_has_the_dag() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, zoho_people; print('airflow' in sys.modules)"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


def test_api_and_dataset_import_no_airflow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *imported, airflow = done.stdout.splitlines()
    assert len(imported) >= 60
    assert airflow == "airflow: []"
