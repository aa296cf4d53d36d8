"""The notebook of the docs runs, cell by cell, as it stands there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from local_airflow import project
from tests.helpers.published_days import publish_days

pytestmark = pytest.mark.component

NOTEBOOK = project.ROOT / "docs" / "answers.ipynb"


def test_the_notebook_runs_and_plots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_days(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    found: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec("".join(cell["source"]), found)  # noqa: S102
    assert len(found["rows"])
    left, right = found["figure"].axes
    assert len(left.patches) == len(found["courses"]) == 4
    assert [line.get_xydata().shape for line in right.lines] == [(3, 2)]
    matplotlib.pyplot.close(found["figure"])
