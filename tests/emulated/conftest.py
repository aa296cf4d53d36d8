"""One real Airflow and one emulator for all tests here; each test writes to an output path of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from tests.emulated.journey import CLIENT_SECRET, REFRESH_TOKEN, Journey

THRESHOLD = 30
WINDOW_S = 20.0


@pytest.fixture(scope="session")
def emulator() -> Iterator[LocalEmulator]:
    with LocalEmulator(
        courses=3, learners=3, seed=7, threshold=THRESHOLD, window_seconds=WINDOW_S
    ) as running:
        yield running


@pytest.fixture(scope="session")
def more_dags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second folder of DAGs, empty but for what a test puts there."""
    return tmp_path_factory.mktemp("dags")


@pytest.fixture(scope="session")
def airflow(
    emulator: LocalEmulator, more_dags: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAirflow]:
    of = {"classpath": "airflow.dag_processing.bundles.local.LocalDagBundle"}
    bundles = [
        {"name": "dags-folder", "kwargs": {}, **of},
        {"name": "more", "kwargs": {"path": str(more_dags), "refresh_interval": 5}, **of},
    ]
    env = {
        "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(tmp_path_factory.getbasetemp()),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
        # No test changes a DAG file: parsing them again and again only takes time from the tasks.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        # A scheduler with nothing to do looks for work twice a second, not four times: three of them run at once.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    }
    with LocalAirflow(tmp_path_factory.mktemp("airflow"), env=env) as running:
        yield running


@pytest.fixture
def journey(airflow: LocalAirflow, emulator: LocalEmulator, tmp_path: Path) -> Journey:
    """A fresh output path and an emulator, a connection, pools and shared state as at the start."""
    started = Journey(airflow, emulator, tmp_path / "data", window_s=WINDOW_S, threshold=THRESHOLD)
    started.start_anew()
    return started


@pytest.fixture
def secrets() -> tuple[str, ...]:
    return CLIENT_SECRET, REFRESH_TOKEN


@pytest.fixture(scope="session")
def emulator_courses(emulator: LocalEmulator) -> list[dict[str, Any]]:
    return list(emulator.control.organisation()["courses"])


@pytest.fixture
def course(emulator_courses: list[dict[str, Any]]) -> str:
    """A self-paced course, with every learner in it."""
    return str(emulator_courses[0]["course_id"])


@pytest.fixture
def learners(emulator: LocalEmulator) -> list[str]:
    return list(emulator.control.organisation()["learner_ids"])
