"""What a component is started with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local_airflow import project
from local_airflow.configuration import COMPONENT, MARKER

pytestmark = pytest.mark.component

SAY = (sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))")


def started(name: str, home: Path) -> dict[str, str]:
    given = {MARKER: str(home), "AIRFLOW__CORE__FERNET_KEY": "hush", "AWS_SECRET_ACCESS_KEY": "hush"}
    said = subprocess.check_output(
        [sys.executable, "-m", "local_airflow.component", name, *SAY],
        env={**os.environ, **given, "PYTHONPATH": str(project.ROOT)},
    )
    found: dict[str, str] = json.loads(said)
    return found


def test_a_component_of_airflow_has_the_keys_and_what_it_imports(tmp_path: Path):
    found = started("scheduler", tmp_path)
    assert found[COMPONENT] == "scheduler"
    assert found["AIRFLOW__CORE__FERNET_KEY"] == "hush"
    assert found["PYTHONPATH"] == project.AIRFLOWS_PATH


def test_the_emulator_has_neither_keys_nor_credentials(tmp_path: Path):
    found = started("emulator", tmp_path)
    assert found[MARKER] == str(tmp_path)
    assert "hush" not in found.values()
