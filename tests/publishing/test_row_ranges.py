from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.samples import at
from zoho_people.publishing.course_file import CourseFile, DamagedFile, write_rows
from zoho_people.publishing.row_ranges import RowRange, RowRanges
from zoho_people.storage.schema import PROGRESS_SCHEMA
from zoho_people.storage.store import Store

PATH = "file.parquet"


def write(folder: Path, learners: Sequence[str], row_group_rows: int) -> Store:
    """A file with a row per learner given (sorted, some of them several times), fetched a minute apart."""
    rows = [
        {
            "course_id": "1",
            "learner_id": learner_id,
            "entity_id": str(number),
            "attributes": "{}",
            "fetched_at": at(-number),
            "dag_run_id": "run",
        }
        for number, learner_id in enumerate(learners)
    ]
    store = Store(str(folder))
    with store.replacing(PATH) as temporary:
        write_rows(
            temporary, [pa.Table.from_pylist(rows, schema=PROGRESS_SCHEMA)], row_group_rows=row_group_rows
        )
    return store


@given(
    learners=st.lists(st.sampled_from("bdfh"), max_size=12).map(sorted),
    wanted=st.sets(st.sampled_from("abcdefghi")).map(sorted),
    row_group_rows=st.integers(1, 5),
)
def test_any_learners_rows_are_found_or_where_they_would_be(
    tmp_path_factory: pytest.TempPathFactory, learners: list[str], wanted: list[str], row_group_rows: int
) -> None:
    store = write(tmp_path_factory.mktemp("file"), learners, row_group_rows)
    with CourseFile.opened(store, PATH) as file:
        row_ranges = RowRanges(file)
        for learner_id in wanted:
            start = sum(each < learner_id for each in learners)
            stop = start + learners.count(learner_id)
            assert row_ranges.find(learner_id) == RowRange(start, stop, at(-start) if start < stop else None)


def test_there_are_no_rows_where_there_is_no_file() -> None:
    assert RowRanges(CourseFile(PATH, None)).find("1") == RowRange(0, 0)
    RowRanges(CourseFile(PATH, None)).check()


def test_a_damaged_row_group_is_told_when_it_is_met_or_looked_for(tmp_path: Path) -> None:
    store = write(tmp_path, [f"{number:03d}" for number in range(300)], 100)
    with store.open(PATH) as source:
        column = (
            pq.ParquetFile(source).metadata.row_group(1).column(PROGRESS_SCHEMA.get_field_index("learner_id"))
        )
    content, place = store.read(PATH), column.dictionary_page_offset
    store.write(PATH, content[:place] + b"\xff" * 64 + content[place + 64 :])
    with CourseFile.opened(store, PATH) as file:
        row_ranges = RowRanges(file)
        assert row_ranges.find("050") == RowRange(50, 51, at(-50))
        with pytest.raises(DamagedFile, match=PATH):
            row_ranges.find("150")
        with pytest.raises(DamagedFile, match=PATH):
            RowRanges(file).check()
