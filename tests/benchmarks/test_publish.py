from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.component

BENCHMARK = Path(__file__).parents[2] / "benchmarks/publish.py"


def test_the_publish_benchmark_measures_what_it_says() -> None:
    command = [sys.executable, str(BENCHMARK), "--rows", "2000", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    result = json.loads(done.stdout)
    assert (result["staged_rows"], result["file_rows"]) == (2000, 4000)
    assert {"publish_seconds", "pyarrow_seconds", "times_pyarrow", "memory_mb"} <= result.keys()
    assert done.returncode in (0, 1)
