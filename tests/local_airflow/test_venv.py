"""When the virtual environment is made anew, and when it is left alone."""

import sys
from pathlib import Path

import pytest

from local_airflow import project, venv
from local_airflow.venv import Venv


@pytest.fixture
def fresh(tmp_path: Path) -> Venv:
    for name in ("requirements.txt", "requirements-local.txt", "constraints.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "requirements-local.txt").write_text("# more\n-r requirements.txt\n")
    return Venv(tmp_path)


def test_included_files_are_followed(fresh: Venv):
    assert fresh.files("requirements-local.txt") == ["requirements-local.txt", "requirements.txt"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-local.txt", "constraints.txt"])
def test_a_changed_file_changes_the_digest(fresh: Venv, name: str):
    before = fresh.digest("requirements-local.txt")
    assert fresh.digest("requirements-local.txt") == before
    (fresh.root / name).write_text((fresh.root / name).read_text() + "six\n")
    assert fresh.digest("requirements-local.txt") != before


def test_another_environment_has_its_own_folder_and_pins(tmp_path: Path):
    (tmp_path / "requirements-other.txt").write_text("six==1\n")
    other = Venv(tmp_path, folder=".venv-other", constraints="requirements-other.txt")
    assert other.python == tmp_path / ".venv-other" / "bin" / "python"
    before = other.digest("requirements-other.txt")
    (tmp_path / "requirements-other.txt").write_text("six==2\n")
    assert other.digest("requirements-other.txt") != before


def test_a_half_made_environment_is_not_usable(fresh: Venv):
    assert not fresh.is_usable()
    fresh.python.parent.mkdir(parents=True)
    fresh.python.symlink_to(sys.executable)
    assert not fresh.is_usable()


def test_an_installed_one_is_left_alone_until_its_stamp_is_wrong(
    fresh: Venv, monkeypatch: pytest.MonkeyPatch
):
    steps: list[str] = []
    monkeypatch.setattr(Venv, "_says", lambda self, code: "")
    monkeypatch.setattr(Venv, "_made", lambda self: steps.append("made") or "")
    monkeypatch.setattr(Venv, "_installed", lambda self, requirements: steps.append(requirements) or "")
    fresh.folder.mkdir()
    assert fresh.bring_in_step("requirements.txt") == 0
    assert fresh.bring_in_step("requirements.txt") == 0
    assert steps == ["made", "requirements.txt"]
    (fresh.root / "constraints.txt").write_text("six==1")
    assert fresh.bring_in_step("requirements.txt") == 0
    assert steps == ["made", "requirements.txt"] * 2


def test_a_failed_installation_leaves_no_stamp(
    fresh: Venv, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(Venv, "_made", lambda self: "")
    monkeypatch.setattr(Venv, "_installed", lambda self, requirements: "pip could not")
    fresh.folder.mkdir()
    assert fresh.bring_in_step("requirements.txt") == 1
    assert "pip could not" in capsys.readouterr().err
    assert not list(fresh.folder.iterdir())


def test_too_little_disk_is_said_before_anything_is_made(
    fresh: Venv, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(venv, "NEEDED_MIB", 10**9)
    assert fresh.bring_in_step("requirements.txt") == 1
    assert "MiB of free disk" in capsys.readouterr().err
    assert not fresh.folder.exists()


def test_an_unsuitable_python_without_a_better_one_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(venv, "VERSIONS", ((3, 99),))
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert venv.main("requirements.txt") == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in capsys.readouterr().err


def test_every_pinned_requirement_file_is_there():
    assert Venv(project.ROOT).files("requirements-test.txt") == [
        "requirements-test.txt",
        "requirements-local.txt",
        "requirements.txt",
    ]


def test_the_constraints_name_no_place():
    text = (project.ROOT / "constraints.txt").read_text()
    assert not [line for line in text.splitlines() if line.startswith("-") or "://" in line or " @ " in line]
