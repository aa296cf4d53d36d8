from __future__ import annotations

import errno
import io
import os
import socket
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from upath import UPath

from zoho_people.planning.roster_file import ROSTER, read_roster
from zoho_people.storage.brought_file import (
    BroughtFileUnreachable,
    FileLimits,
    InvalidBroughtFile,
    check_file,
)

check_roster = partial(check_file, columns=ROSTER)
HEADER = "course_id,learner_id\n"


def refusal(source: Any, limits: FileLimits = FileLimits()) -> str:  # noqa: B008
    """Why the roster is refused, by its first bytes already."""
    with pytest.raises(InvalidBroughtFile) as early:
        check_roster(source, limits=limits)
    with pytest.raises(InvalidBroughtFile) as late:
        read_roster(source, limits)
    assert str(early.value) == str(late.value)
    return str(early.value)


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


class TestWhatIsNoFile:
    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "simplecache::file:///dev/zero"])
    def test_a_device_is_not_opened(self, device: str) -> None:
        assert refusal(device) == (
            "roster file: it is a device, a pipe or a socket; give a regular file, or a folder of files"
        )

    @pytest.mark.parametrize("is_linked", [False, True])
    def test_a_fifo_is_not_waited_for(self, tmp_path: Path, is_linked: bool) -> None:
        os.mkfifo(tmp_path / "fifo")
        (tmp_path / "link").symlink_to(tmp_path / "fifo")
        assert "a pipe" in refusal(str(tmp_path / ("link" if is_linked else "fifo")))

    def test_a_socket_is_not_read(self, tmp_path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / "socket"))
            assert "a socket" in refusal(str(tmp_path / "socket"))

    def test_a_file_that_became_a_fifo_on_the_way_is_not_waited_for(self, tmp_path: Path) -> None:
        from zoho_people.storage.brought_file.source import parts_of

        [part] = parts_of(written(tmp_path / "roster", HEADER))
        (tmp_path / "roster").unlink()
        os.mkfifo(tmp_path / "roster")
        with pytest.raises(InvalidBroughtFile, match="a pipe"):
            part.opened()

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("none.csv", "there is no such file; correct its path or URL"),
            ("roster/below", "a part of the path is not what it says"),
        ],
    )
    def test_a_path_that_leads_nowhere_is_told(self, tmp_path: Path, path: str, words: str) -> None:
        written(tmp_path / "roster", HEADER)
        assert words in refusal(str(tmp_path / path))

    def test_a_scheme_that_nobody_knows_is_told(self) -> None:
        assert "check the URL's scheme" in refusal("nobody://bucket/roster.csv")


class TestAFolder:
    def test_of_part_files_is_one_roster(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"course_id": ["1"], "learner_id": ["7"]}), tmp_path / "part-1.parquet")
        written(tmp_path / "part-2.csv", f"{HEADER}1,6\n")
        for name in ("_SUCCESS", ".part-1.parquet.crc", "_metadata"):
            written(tmp_path / name, b"no roster")
        check_roster(str(tmp_path))
        assert [learner for _, learner in read_roster(str(tmp_path))] == ["6", "7"]

    def test_in_an_object_store_is_the_same(self, tmp_path: Path) -> None:
        folder = UPath(f"memory://{tmp_path.name}")
        (folder / "part-1.csv").write_text(f"{HEADER}1,6\n")
        (folder / "_SUCCESS").write_text("")
        assert [learner for _, learner in read_roster(folder)] == ["6"]

    def test_tells_which_of_its_files_is_wrong(self, tmp_path: Path) -> None:
        written(tmp_path / "a.csv", f"{HEADER}1,6\n")
        written(tmp_path / "b.csv", f"{HEADER}1,6\n1,x\n")
        with pytest.raises(
            InvalidBroughtFile, match=r"^roster file: b\.csv, line 3, column learner_id: "
        ) as error:
            read_roster(str(tmp_path))
        assert (error.value.part, error.value.line) == ("b.csv", 3)

    def test_without_files_or_with_folders_is_refused(self, tmp_path: Path) -> None:
        written(tmp_path / "_SUCCESS", "")
        assert refusal(str(tmp_path)) == "roster file: the folder has no files"
        (tmp_path / "course_id=1").mkdir()
        assert "course_id=1: it is a folder in a folder" in refusal(str(tmp_path))

    def test_with_a_link_that_leads_elsewhere_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        written(tmp_path / "folder" / "a.csv", f"{HEADER}1,6\n")
        (tmp_path / "folder" / "b.csv").symlink_to(tmp_path / "folder" / "a.csv")
        assert list(read_roster(str(tmp_path / "folder")))
        (tmp_path / "folder" / "c.csv").symlink_to(written(tmp_path / "elsewhere", f"{HEADER}1,7\n"))
        assert "c.csv: it is a link that leads out of its folder" in refusal(str(tmp_path / "folder"))

    def test_with_a_fifo_is_refused(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "part-1.csv")
        assert "a pipe" in refusal(str(tmp_path))


class TestALimit:
    def test_of_bytes_counts_before_the_file_is_read(self, tmp_path: Path) -> None:
        path = written(tmp_path / "roster", HEADER + "1,5\n" * 10)
        assert refusal(path, FileLimits(max_bytes=40)) == (
            "roster file: it has 61 bytes, and 40 are allowed; give a smaller file, or have the deployer raise "
            "[zoho_people] roster_file_max_bytes"
        )
        assert list(read_roster(path, FileLimits(max_bytes=61)))

    def test_of_bytes_counts_what_comes_where_no_size_is_told(self, tmp_path: Path) -> None:
        class Sizeless(MemoryFileSystem):
            def info(self, path: str, **options: Any) -> dict[str, Any]:
                return {**super().info(path, **options), "size": None}

        path = UPath(f"memory://{tmp_path.name}/roster.csv")
        path.write_text(HEADER + "1,5\n" * 10)
        source = type("Source", (), {"fs": Sizeless(), "path": path.path})
        with pytest.raises(InvalidBroughtFile, match=r"it has more than 4\d bytes, and 40 are allowed"):
            read_roster(source, FileLimits(max_bytes=40))

    def test_of_bytes_is_for_all_files_of_a_folder(self, tmp_path: Path) -> None:
        for name in "ab":
            written(tmp_path / name, HEADER)
        assert "it has 42 bytes" in refusal(str(tmp_path), FileLimits(max_bytes=41))

    def test_of_bytes_is_for_what_parquet_unpacks_to(self, tmp_path: Path) -> None:
        table = pa.table({"course_id": ["1"] * 20, "learner_id": ["5" * 100_000] * 20})
        pq.write_table(table, tmp_path / "roster", compression="zstd", use_dictionary=False)
        assert "unpacked it has 2000" in refusal(str(tmp_path / "roster"), FileLimits(max_bytes=1_000_000))

    def test_of_rows_counts_in_parquet_before_a_row_is_read(self, tmp_path: Path) -> None:
        rows = 3_000_000
        course = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int8()), ["1"])
        pq.write_table(pa.table({"course_id": course, "learner_id": course}), tmp_path / "roster")
        assert refusal(str(tmp_path / "roster")) == (
            "roster file: it has 3000000 rows or more, and 1000000 are allowed; give a smaller file, or have the "
            "deployer raise [zoho_people] roster_file_max_rows"
        )

    def test_of_rows_counts_in_csv_on_the_way(self, tmp_path: Path) -> None:
        path = written(tmp_path / "roster", HEADER + "1,5\n" * 10)
        assert len(list(read_roster(path, FileLimits(max_rows=10)))) == 1
        with pytest.raises(InvalidBroughtFile, match="roster_file_max_rows"):
            read_roster(path, FileLimits(max_rows=9))


def workbook(inner: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(inner, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbook("[Content_Types].xml"), "an Excel workbook (.xlsx); open it in the spreadsheet, format"),
        (workbook("roster.csv"), "a zip archive; unpack it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "(.xls)"),
        (b"\x1f\x8b\x08", "gzip; unpack it"),
        (HEADER.encode("utf-16"), "it is UTF-16; save it as UTF-8"),
        (HEADER.encode("utf-16-le"), "it is UTF-16; save it as UTF-8"),
        (HEADER.encode("utf-16-be"), "it is UTF-16; save it as UTF-8"),
        (b"[1]", "JSON"),
        (b"<html>", "a sign-in page"),
        (b"abc\x00def", "it is no text"),
        ("course_id,learner_id,Prüfung\n".encode("latin-1"), "it may be Latin-1 or Windows-1252"),
    ],
)
def test_what_is_no_roster_is_told_with_the_way_to_make_one(
    tmp_path: Path, content: bytes, words: str
) -> None:
    assert words in refusal(written(tmp_path / "roster", content))


class Failing(MemoryFileSystem):
    """A store that can't be read."""

    error: BaseException = OSError()

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        return {"name": path, "type": "file", "size": 10}

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "secret"), ConnectionError("secret"), RuntimeError("secret"), TimeoutError()]
)
def test_a_store_that_does_not_answer_may_be_tried_again(error: Exception) -> None:
    Failing.error = error
    source = type("Source", (), {"fs": Failing(), "path": "/roster.csv"})
    for read in (check_roster, read_roster):
        with pytest.raises(BroughtFileUnreachable, match="if that stays, check its path or URL") as found:
            read(source, limits=FileLimits())
        assert "secret" not in str(found.value)


def test_a_store_that_fails_amid_a_file_may_be_tried_again(tmp_path: Path) -> None:
    pq.write_table(pa.table({"course_id": ["1"], "learner_id": ["7"]}), tmp_path / "roster")
    content = (tmp_path / "roster").read_bytes()

    class Breaking(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            if self.reads > 3:
                raise ConnectionError
            return super().read(size)

    class Store(Failing):
        def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            return Breaking(content)

    source = type("Source", (), {"fs": Store(), "path": "/roster"})
    with pytest.raises(BroughtFileUnreachable):
        read_roster(source)


@pytest.mark.parametrize("error", [PermissionError("secret"), IsADirectoryError("secret")])
def test_a_file_that_may_not_be_read_is_told_with_the_cure(error: Exception) -> None:
    Failing.error = error
    why = refusal(type("Source", (), {"fs": Failing(), "path": "/roster.csv"}))
    assert "secret" not in why
    assert "let its user" in why or "correct it" in why
