"""When the virtual environment is made anew, and when it is left alone."""

import hashlib
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local_airflow import venv
from local_airflow.venv import Venv


@pytest.fixture
def fresh(tmp_path: Path) -> Venv:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "base.lock").write_text("")
    (tmp_path / "locks" / "more.lock").write_text("# more\n-r base.lock\n")
    return Venv(tmp_path)


def test_included_files_are_followed(fresh: Venv):
    assert [path.name for path in fresh.files("locks/more.lock")] == ["more.lock", "base.lock"]


@pytest.mark.parametrize("name", ["base.lock", "more.lock"])
def test_a_changed_file_changes_the_digest(fresh: Venv, name: str):
    before = fresh.digest("locks/more.lock")
    assert fresh.digest("locks/more.lock") == before
    path = fresh.root / "locks" / name
    path.write_text(path.read_text() + "six\n")
    assert fresh.digest("locks/more.lock") != before


def test_another_environment_has_its_own_folder(tmp_path: Path):
    (tmp_path / "other.lock").write_text("six==1\n")
    other = Venv(tmp_path, folder=".venv-other")
    assert other.python == tmp_path / ".venv-other" / "bin" / "python"
    assert other.digest("other.lock") != Venv(tmp_path).digest("other.lock")


def test_a_half_made_environment_is_not_usable(fresh: Venv):
    assert not fresh.is_usable()
    fresh.python.parent.mkdir(parents=True)
    fresh.python.symlink_to(sys.executable)
    assert not fresh.is_usable()


def done(commands: list[list[str]], *, fails: str = "") -> Callable[..., int]:
    """Notes each command instead of running it; one that has *fails* among its words does not succeed."""

    def call(command: list[str], **_: object) -> int:
        commands.append(command)
        return int(fails in command)

    return call


def test_an_installed_one_is_left_alone_until_its_stamp_is_wrong(fresh: Venv):
    commands: list[list[str]] = []
    says = lambda command, **_: b""  # noqa: E731
    environment = Venv(fresh.root, call=done(commands), ask=says)
    environment.folder.mkdir()
    assert environment.bring_in_step("locks/more.lock") == 0
    once = [*commands]
    assert [command[-1] for command in once if "venv" in command] == [str(fresh.folder)]
    assert [command[-1] for command in once if "pip" in command] == ["locks/more.lock"]
    assert environment.bring_in_step("locks/more.lock") == 0
    assert commands == once
    (fresh.root / "locks" / "base.lock").write_text("six==1")
    assert environment.bring_in_step("locks/more.lock") == 0
    assert commands == once * 2


def test_a_failed_installation_leaves_no_stamp(fresh: Venv, capsys: pytest.CaptureFixture[str]):
    environment = Venv(fresh.root, call=done([], fails="pip"))
    environment.folder.mkdir()
    assert environment.bring_in_step("locks/base.lock") == 1
    assert "pip could not install locks/base.lock" in capsys.readouterr().err
    assert not list(fresh.folder.iterdir())


def test_too_little_disk_is_said_before_anything_is_made(fresh: Venv, capsys: pytest.CaptureFixture[str]):
    assert Venv(fresh.root, needed_mib=10**9).bring_in_step("locks/base.lock") == 1
    assert "MiB of free disk" in capsys.readouterr().err
    assert not fresh.folder.exists()


def test_an_unsuitable_python_without_a_better_one_is_named(capsys: pytest.CaptureFixture[str]):
    assert venv.main("locks/base.lock", version=(3, 99), which=lambda name: None) == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in capsys.readouterr().err


@pytest.mark.component
def test_a_package_without_its_hash_is_not_installed(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    package = tmp_path / "packages" / "greeting-1.0-py3-none-any.whl"
    made = wheel(package)
    lock = tmp_path / "some.lock"
    environment = Venv(tmp_path, folder="env")
    for hashes in ("", f" --hash=sha256:{'0' * 64}"):
        lock.write_text(f"greeting @ {package.as_uri()}{hashes}\n")
        assert environment.bring_in_step("some.lock") == 1
    said = capfd.readouterr().err
    assert "Hashes are required" in said
    assert "DO NOT MATCH THE HASHES" in said
    lock.write_text(f"greeting @ {package.as_uri()} --hash=sha256:{made}\n")
    assert environment.bring_in_step("some.lock") == 0
    assert environment._says("import greeting") == ""


def wheel(path: Path) -> str:
    """Write the smallest wheel; its SHA-256."""
    path.parent.mkdir()
    info = "greeting-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("greeting.py", "")
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(
            f"{info}/RECORD", f"greeting.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_project_is_installed_in_place_with_nothing_downloaded(tmp_path: Path):
    commands: list[list[str]] = []
    assert Venv(tmp_path, with_project=True, call=done(commands))._installed("some.lock") == ""
    locked, install, _ = commands
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= set(locked)
    assert install[-2:] == ["--editable", "."]
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(install)
    commands.clear()
    assert Venv(tmp_path, call=done(commands))._installed("some.lock") == ""
    assert not any("--editable" in command for command in commands)


@pytest.mark.parametrize("name", venv.METADATA)
def test_changed_metadata_of_the_project_changes_the_digest(fresh: Venv, name: str):
    whole = Venv(fresh.root, with_project=True)
    for each in venv.METADATA:
        path = fresh.root / each
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    before, without = whole.digest("locks/base.lock"), fresh.digest("locks/base.lock")
    (fresh.root / name).write_text("other")
    assert whole.digest("locks/base.lock") != before
    assert fresh.digest("locks/base.lock") == without
