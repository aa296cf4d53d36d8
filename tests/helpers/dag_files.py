"""A file of the DAGs folder, as Airflow reads it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from airflow.sdk import DAG

ROOT = Path(__file__).parents[2]


def dag_of(path: Path) -> DAG:
    """The DAG that *path* defines as ``dag``."""
    spec = importlib.util.spec_from_file_location(f"{path.stem}_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: DAG = module.dag
    return found
