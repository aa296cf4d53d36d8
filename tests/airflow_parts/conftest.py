"""Airflow for unit tests: a home of its own, no database, no examples."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from tests.airflow_parts.metrics_backend import Backend, metrics_off
from tests.api.local_server import LocalServer, running_server

# Airflow reads its configuration when it is imported, which the test modules do.
_HOME = tempfile.mkdtemp(prefix="airflow-home-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith(("AIRFLOW_", "_AIRFLOW_"))]:
    del os.environ[_name]
os.environ["AIRFLOW_HOME"] = _HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with running_server() as local:
        yield local


@pytest.fixture
def backend() -> Iterator[Backend]:
    """Where Airflow's metrics go during the test; nowhere before and after it."""
    from airflow.sdk.observability import stats

    backend = Backend()
    stats.initialize(factory=lambda: backend, export_legacy_names=True)  # type: ignore[arg-type, return-value]
    yield backend
    stats.initialize(factory=metrics_off(), export_legacy_names=True)
