"""What importing a module loads, in a bare interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"


def modules_loaded_by(*names: str) -> list[set[str]]:
    """The top-level modules that a bare interpreter has after importing each of *names*, one after the other."""
    tell = "print(*{module.partition('.')[0] for module in sys.modules})"
    code = "; ".join(["import sys", *(f"import {name}; {tell}" for name in names)])
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(PLUGINS)}, capture_output=True, text=True, check=True
    )
    return [set(line.split()) for line in done.stdout.splitlines()]


def test_neither_the_package_nor_naming_paths_imports_anything_heavy() -> None:
    package, layout = modules_loaded_by("zoho_people.dataset", "zoho_people.dataset.layout")
    assert not package & {"airflow", "pandas", "pyarrow", "fsspec"}
    assert "pyarrow" not in layout
