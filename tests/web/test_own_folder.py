"""The folder that a process of the page has for itself."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from zoho_people.web.own_folder import is_left, lock, own_folder


def test_the_folder_of_a_process_that_is_no_more_is_left(tmp_path: Path) -> None:
    used, left, new, old, link = (tmp_path / f"zoho-people-page-{name}" for name in "abcde")
    for folder in (used, left, new, old):
        folder.mkdir()
    link.symlink_to(left)
    with lock(used):
        lock(left).close()
        os.utime(old, (0, 0))
        assert [is_left(folder) for folder in (used, left, new, old, link)] == [
            False,
            True,
            False,
            True,
            False,
        ]
    assert is_left(used), "its process is no more"
    assert not is_left(tmp_path / "zoho-people-page-nobody")


def test_a_process_s_own_folder_is_nobody_else_s_to_remove() -> None:
    folder = own_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not is_left(folder)
    assert folder != own_folder()
    assert folder.exists()
