from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem
from upath import UPath

from tests.helpers.watching import calls_of
from zoho_people.storage.store import Store

NOON_S = datetime(2026, 1, 2, 12, tzinfo=UTC).timestamp()


def files_below(store: Store) -> list[str]:
    return sorted(path.removeprefix(store.root) for path in store.fs.find(store.root))


def test_what_is_written_is_read_back(root: Any) -> None:
    store = Store(root)
    store.write("a/b=c/d.txt", b"one")
    store.write("a/b=c/d.txt", b"two")
    assert store.read("a/b=c/d.txt") == b"two"
    assert store.exists("a/b=c/d.txt")
    assert not store.exists("a/b=c")
    assert store.names("a") == ["b=c"]
    assert store.names("a/b=c") == ["d.txt"]
    with store.open("a/b=c/d.txt") as file:
        assert file.read() == b"two"


def test_what_is_not_there_is_said_so(root: Any) -> None:
    store = Store(root)
    assert store.names("nowhere") == []
    assert not store.exists("nowhere")
    with pytest.raises(FileNotFoundError):
        store.read("nowhere")
    with pytest.raises(FileNotFoundError):
        store.open("nowhere")


def test_removing_what_is_not_there_is_no_error(root: Any) -> None:
    Store(root).delete("nowhere")
    Store(root).delete_tree("nowhere")


def test_removing_a_folder_leaves_its_neighbours(root: Any) -> None:
    store = Store(root)
    for name in ("a/1", "a/x/2", "ab/3"):
        store.write(name, b"")
    store.delete("a/1")
    store.delete_tree("a/x")
    assert files_below(store) == ["/ab/3"]


def test_a_write_that_fails_half_way_leaves_the_old_file_and_nothing_else(root: Any) -> None:
    store = Store(root)
    store.write("file", b"old")
    with pytest.raises(TypeError), store.replacing("file") as temporary:
        temporary.write_bytes(b"half") and temporary.write_bytes(None)  # type: ignore[arg-type]
    assert store.read("file") == b"old"
    assert files_below(store) == ["/file"]


def test_a_local_file_is_written_out_of_the_readers_sight(tmp_path: Path) -> None:
    store = Store(tmp_path, scratch="_staging/run/_tmp")
    with store.replacing("data/file") as temporary:
        temporary.write_bytes(b"x")
        assert temporary.parent == tmp_path / "_staging/run/_tmp"
        assert not (tmp_path / "data/file").exists()
    assert (tmp_path / "data/file").read_bytes() == b"x"


def test_a_local_file_is_on_the_disk_before_it_takes_the_old_ones_place(tmp_path: Path) -> None:
    with calls_of(os.fsync, os.replace) as calls:
        Store(tmp_path).write("file", b"x")
    assert [name for name, _ in calls] == ["fsync", "replace", "fsync"]


def test_the_umask_decides_who_may_read_a_local_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    Store(tmp_path).write("file", b"x")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )


def test_a_path_or_a_url_will_do_as_root(tmp_path: Path) -> None:
    for root in (tmp_path, str(tmp_path), f"{tmp_path}/", f"file://{tmp_path}"):
        assert Store(root).full("x") == f"{tmp_path}/x"


class ObjectStore(LocalFileSystem):
    """A store that uploads whole objects, on a local disk; Azure's must be told to replace one."""

    protocol = "abfs"
    local_file = False
    cachable = False

    def put_file(self, path1: str, path2: str, callback: Any = None, **options: Any) -> None:
        if not options.pop("overwrite", False) and Path(path2).exists():
            raise FileExistsError(path2)
        Path(path2).parent.mkdir(parents=True, exist_ok=True)
        Path(path2).write_bytes(Path(path1).read_bytes())


class Root:
    def __init__(self, path: Path) -> None:
        self.fs = ObjectStore()
        self.path = str(path)


def test_an_object_in_azure_is_replaced(tmp_path: Path) -> None:
    store = Store(Root(tmp_path))
    store.write("file", b"old")
    store.write("file", b"new")
    assert store.read("file") == b"new"


def test_an_object_is_uploaded_when_it_is_complete_and_not_before(tmp_path: Path) -> None:
    store = Store(Root(tmp_path))
    with store.replacing("file") as temporary:
        temporary.write_bytes(b"half")
        assert not list(tmp_path.iterdir())
    assert not temporary.exists()
    assert store.read("file") == b"half"


class TestTheAgeOfAFolder:
    LONG_AGO, SOON = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

    def test_is_that_of_its_newest_file_at_any_depth(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        for name, age_s in (("run/old", 1000.0), ("run/deep/down/new", 10.0)):
            store.write(name, b"")
            os.utime(tmp_path / name, (NOON_S - age_s, NOON_S - age_s))
        assert store.is_older("run", datetime.fromtimestamp(NOON_S - 9.0, UTC))
        assert not store.is_older("run", datetime.fromtimestamp(NOON_S - 11.0, UTC))

    def test_is_compared_in_utc_in_any_store(self, root: Any) -> None:
        store = Store(root)
        store.write("run/file", b"")
        assert store.is_older("run", self.SOON)
        assert not store.is_older("run", self.LONG_AGO)

    def test_is_none_without_any_file(self, root: Any) -> None:
        assert not Store(root).is_older("nowhere", self.SOON)

    def test_of_an_empty_folder_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        assert not Store(tmp_path).is_older("run", self.SOON)

    def test_does_not_depend_on_its_neighbours(self, root: Any) -> None:
        store = Store(root)
        store.write("run-2/file", b"")
        assert not store.is_older("run", self.SOON)

    def test_is_young_while_files_go_under_its_hands(self, tmp_path: Path) -> None:
        """A file that is listed and gone (renamed, published) belongs to a run that is under way."""
        root = Root(tmp_path)
        store = Store(root)
        store.write("run/file", b"")
        root.fs.modified = _gone
        assert not store.is_older("run", self.SOON)


def _gone(path: str) -> datetime:
    raise FileNotFoundError(path)


def test_an_upload_comes_from_a_folder_that_nobody_else_may_look_into(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store(UPath("memory://private-upload"))
    with store.replacing("a/file") as path:
        path.write_bytes(b"x")
        folder = path.parent
        assert folder.stat().st_mode & 0o077 == 0
    assert store.read("a/file") == b"x"
    assert not folder.exists()
