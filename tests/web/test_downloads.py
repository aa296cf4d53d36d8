"""CSV that no spreadsheet executes."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zoho_people.web.downloads import BOM, csv_parts, parquet_parts


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1"])
def test_a_text_that_a_spreadsheet_would_execute_begins_with_an_apostrophe(text: str) -> None:
    content = b"".join(csv_parts(pa.table({"name": [text, "Jo"]}))).decode().removeprefix(BOM)
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["name"], [f"'{text}"], ["Jo"]]


def test_numbers_nulls_quotes_and_every_script_stay_as_they_are() -> None:
    table = pa.table({"n": [-1.5, None], "t": ['a "b", c\nd', "Ångström 李"]})
    content = b"".join(csv_parts(table)).decode()
    assert content.startswith(BOM)
    assert list(csv.reader(io.StringIO(content.removeprefix(BOM), newline=""))) == [
        ["n", "t"],
        ["-1.5", 'a "b", c\nd'],
        ["", "Ångström 李"],
    ]


def test_a_large_table_comes_in_parts() -> None:
    table = pa.table({"n": list(range(5_000))})
    parts = list(csv_parts(table))
    assert len(parts) > 3
    assert len(b"".join(parts).splitlines()) == 5_001
    assert pq.read_table(io.BytesIO(b"".join(parquet_parts(table)))).equals(table)


def test_no_rows_are_a_head_alone() -> None:
    assert b"".join(csv_parts(pa.table({"a": pa.array([], pa.string())}))).decode() == f"{BOM}a\r\n"
