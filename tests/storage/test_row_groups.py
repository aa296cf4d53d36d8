"""Row groups leave memory as they fill, and tell what they may have without being read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zoho_people.storage.row_groups import ValueRange, value_ranges, write_row_groups

MOST = 10


class Seen(pq.ParquetWriter):
    """Writes a file, and knows the rows that came at a time."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        super().__init__(path, schema)
        self.rows: list[int] = []

    def write_table(self, table: pa.Table, *args: Any, **options: Any) -> None:
        self.rows.append(table.num_rows)
        super().write_table(table, *args, **options)


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([4] * 9, [8, 8, 8, 8, 4]),
        ([10, 10, 10], [10, 10, 10]),
        ([3, 9, 0, 1, 1], [3, 10, 1]),
        ([12, 1], [12, 1]),  # a table stays whole
        ([0, 0], []),
    ],
)
def test_what_waits_is_written_before_more_than_a_row_group_waits(
    tmp_path: Path, sizes: list[int], groups: list[int]
) -> None:
    numbers = pa.table({"number": range(sum(sizes))})

    def tables() -> Iterator[pa.Table]:
        first = 0
        for size in sizes:
            assert first - sum(file.rows) <= max(MOST, *sizes)
            yield numbers.slice(first, size)
            first += size

    with Seen(tmp_path / "file", numbers.schema) as file:
        write_row_groups(file, tables(), MOST)
    assert file.rows == groups
    assert pq.read_table(tmp_path / "file").equals(numbers)


def test_a_row_group_tells_what_it_may_have_without_being_read(tmp_path: Path) -> None:
    kept = pa.table({"nested": [{"id": "0"}] * 6, "id": ["1", "1", "2", "4", None, None]})
    pq.write_table(kept, tmp_path / "file", row_group_size=2)
    with pq.ParquetFile(tmp_path / "file") as file:
        one, several, unknown = value_ranges(file, "id")
    assert (one, several, unknown) == (ValueRange("1", "1"), ValueRange("2", "4"), ValueRange())
    assert [each.is_one_value for each in (one, several, unknown)] == [True, False, False]
    assert [each.may_have("3") for each in (one, several, unknown)] == [False, True, True]
