"""Files and folders for their owner only."""

import stat
from pathlib import Path

import pytest

from local_airflow import login, private
from local_airflow.problem import OwnerProblem


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path):
    (tmp_path / "home").mkdir(mode=0o755)
    private.make_folder(tmp_path / "home")
    assert mode(tmp_path / "home") == 0o700


def test_what_a_killed_worker_left_is_swept(tmp_path: Path):
    left = tmp_path / "tmp" / "zoho-people-x1"
    left.mkdir(parents=True)
    (left / "part.parquet").write_text("rows")
    private.make_empty_folder(tmp_path / "tmp")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert mode(tmp_path / "tmp") == 0o700


def test_a_folder_in_a_shared_place_must_be_ones_own(tmp_path: Path):
    private.make_own_folder(tmp_path / "mine")
    private.make_own_folder(tmp_path / "mine")
    with pytest.raises(OwnerProblem, match="not a folder of your own"):
        private.make_own_folder(tmp_path / "mine", user=tmp_path.stat().st_uid + 1)


def test_a_link_in_a_shared_place_is_not_followed(tmp_path: Path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(OwnerProblem):
        private.make_own_folder(tmp_path / "link")


def test_a_password_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    made = login.load_or_make(tmp_path)
    assert login.load_or_make(tmp_path) == made
    assert len(made.password) >= 24
    assert mode(login.path_in(tmp_path)) == 0o600
    assert made.password not in repr(made)
