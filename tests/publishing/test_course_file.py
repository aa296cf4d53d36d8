from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.samples import NOON, last_page, records, unit
from zoho_people.endpoints.progress import of_unit
from zoho_people.endpoints.rows import staged_page
from zoho_people.publishing.course_file import CourseFile, DamagedFile, ForeignFile, readable, write_rows
from zoho_people.storage.store import Store


def rows(*ids: int, **fields: Any) -> pa.Table:
    return staged_page(of_unit(unit()), last_page(*records(*ids, **fields)), NOON, "run")


@pytest.mark.parametrize("sizes", [[1] * 10, [10], [3, 3, 4], [4, 4, 2], [0, 9, 0, 1]])
def test_row_groups_have_the_same_size_however_the_rows_come(tmp_path: Path, sizes: list[int]) -> None:
    table = rows(*range(10, 20))
    tables, position = [], 0
    for size in sizes:
        tables.append(table.slice(position, size))
        position += size
    assert write_rows(tmp_path / "file", tables, row_group_rows=4) == 10
    file = pq.ParquetFile(tmp_path / "file")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 4, 2]
    assert file.read().equals(table)


def test_large_values_end_a_row_group_early(tmp_path: Path) -> None:
    table = rows(*range(1000, 1512), testName="x" * 1_000)
    for size in (1, 100, 127, 128, 200):
        pieces = [table.slice(first, size) for first in range(0, 512, size)]
        write_rows(tmp_path / "file", pieces, row_group_bytes=150_000)
        file = pq.ParquetFile(tmp_path / "file")
        assert file.read().equals(table)
        groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        assert 2 <= len(groups) <= 4
        assert max(groups) <= 128 + 2 * max(size, 128)


@pytest.mark.parametrize(
    "limit", [{"row_group_rows": 128}, {"row_group_bytes": 60_000}], ids=["by rows", "by bytes"]
)
@pytest.mark.parametrize("size", [64, 128])
def test_a_full_row_group_is_in_the_file_before_more_rows_are_asked_for(
    tmp_path: Path, limit: dict[str, int], size: int
) -> None:
    """Else all rows of a course are in memory at a time, whatever the row groups of the file are then."""
    path, table = tmp_path / "file", rows(*range(1000, 1640), testName="x" * 500)
    lengths = []

    def pieces() -> Iterator[pa.Table]:
        for first in range(0, table.num_rows, size):
            lengths.append(path.stat().st_size)
            yield table.slice(first, size)

    write_rows(path, pieces(), **limit)
    groups = pq.ParquetFile(path).num_row_groups
    assert groups >= 4
    assert len(set(lengths)) == groups


def test_a_file_is_compressed_has_statistics_and_says_how_it_is_sorted(tmp_path: Path) -> None:
    write_rows(tmp_path / "file", [rows(1, 2)])
    group = pq.ParquetFile(tmp_path / "file").metadata.row_group(0)
    learner = group.column(2)
    assert learner.path_in_schema == "learner_id"
    assert learner.compression == "ZSTD"
    assert learner.statistics.has_min_max
    assert [column.column_index for column in group.sorting_columns] == [2, 3]


def test_rows_are_read_by_their_position_across_row_groups(tmp_path: Path) -> None:
    table = rows(*range(10, 20))
    write_rows(tmp_path / "file", [table], row_group_rows=4)
    with CourseFile.opened(Store(tmp_path), "file") as file:
        for start in range(11):
            for stop in range(start + 1, 11):
                assert pa.concat_tables(file.rows(start, stop)).equals(table.slice(start, stop - start))
            assert list(file.rows(start, start)) == []


def test_a_file_that_is_not_there_has_no_rows(root: Any) -> None:
    with CourseFile.opened(Store(root), "nowhere") as file:
        assert not file.exists
        assert file.num_rows == 0
        assert list(file.groups(["learner_id"])) == []
        assert list(file.rows(0, 0)) == []


def test_a_file_without_rows_is_read_as_one(tmp_path: Path) -> None:
    write_rows(tmp_path / "file", [])
    with CourseFile.opened(Store(tmp_path), "file") as file:
        assert file.exists
        assert file.num_rows == 0


def test_a_file_with_other_columns_is_not_ours(tmp_path: Path) -> None:
    pq.write_table(pa.table({"learner_id": ["1"]}), tmp_path / "file")
    with pytest.raises(ForeignFile, match="move it"), CourseFile.opened(Store(tmp_path), "file"):
        pass


def test_small_and_large_pieces_keep_their_order(tmp_path: Path) -> None:
    table = rows(*range(1000, 2000))
    tables, first = [], 0
    for size in (1, 128, 3, 500, 127, 1, 200, 40):
        tables.append(table.slice(first, size))
        first += size
    assert write_rows(tmp_path / "file", tables, row_group_rows=300) == 1000
    assert pq.ParquetFile(tmp_path / "file").read().equals(table)


@pytest.mark.parametrize("error", [pa.ArrowInvalid("no magic bytes"), OSError("corrupt snappy data")])
def test_what_arrow_says_of_a_file_is_that_it_is_damaged(error: Exception) -> None:
    with pytest.raises(DamagedFile, match=f"a.parquet can't be read .{error}"), readable("a.parquet"):
        raise error


def test_what_the_system_says_is_no_damage_of_the_file() -> None:
    with pytest.raises(OSError, match="I/O error"), readable("a.parquet"):
        raise OSError(errno.EIO, "I/O error")
