from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "zoho_people/dataset").glob("[!_]*.py"))


def modules_loaded_by(*names: str) -> set[str]:
    """The top-level modules that a bare interpreter has after importing *names*."""
    code = f"import sys, {', '.join(names)}; print(*{{module.partition('.')[0] for module in sys.modules}})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(PLUGINS)}, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_package_itself_imports_nothing_heavy() -> None:
    assert not modules_loaded_by("zoho_people.dataset") & {"airflow", "pandas", "pyarrow", "fsspec"}


def test_no_module_needs_airflow() -> None:
    loaded = modules_loaded_by(*(f"zoho_people.dataset.{module}" for module in MODULES))
    assert "airflow" not in loaded
    assert "pyarrow" in loaded


def test_naming_paths_needs_no_pyarrow() -> None:
    assert "pyarrow" not in modules_loaded_by("zoho_people.dataset.layout")
