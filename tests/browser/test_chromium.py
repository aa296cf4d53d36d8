"""Which browser is taken, and what a run without one says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium

TESTS = Path(__file__).parents[1] / "emulated" / "test_browser.py"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    return tmp_path


def program(path: Path) -> str:
    path.touch(mode=0o755)
    return str(path)


@pytest.mark.parametrize("name", chromium.NAMES)
def test_a_browser_is_found_by_its_usual_names(folder: Path, name: str) -> None:
    assert chromium.executable() is None
    expected = program(folder / name)
    assert chromium.executable() == expected


def test_the_variable_names_another_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(folder / "chromium")
    mine = program(folder / "mine")
    monkeypatch.setenv(chromium.VARIABLE, mine)
    assert chromium.executable() == mine
    monkeypatch.setenv(chromium.VARIABLE, str(folder / "none"))
    assert chromium.executable() is None
    assert chromium.missing()


@pytest.mark.component
def test_a_run_without_a_browser_says_so_in_its_last_lines(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--basetemp",
            tmp_path / "base",
            TESTS,
        ],
        env={**os.environ, chromium.VARIABLE: str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout.partition("NOTHING WAS TESTED IN A BROWSER")[2]
    assert "there is no Chromium" in told or "Playwright is not installed" in told
