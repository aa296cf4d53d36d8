from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from upath import UPath

from zoho_people.model.rounded_id import is_rounded
from zoho_people.model.unit import Course
from zoho_people.planning.roster_file import read_roster
from zoho_people.storage.brought_file import InvalidBroughtFile
from zoho_people.storage.brought_file.columns import PIECE_ROWS

VIEWS = Path(__file__).parent / "text_views.parquet"
BIG = "9007199254740993"
IDS = {"course_id": ["2", "1"], "learner_id": ["11", BIG]}


def of(path: Path, content: str | bytes) -> list[tuple[str, str]]:
    """The roster in a file with *content*; courses as text."""
    path = path / "roster"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(str(course), learner) for course, learner in read_roster(str(path))]


def of_parquet(path: Path, columns: dict[str, Any], **options: Any) -> list[tuple[str, str]]:
    pq.write_table(pa.table(columns), path / "roster", **options)
    return [(str(course), learner) for course, learner in read_roster(str(path / "roster"))]


def refusal(path: Path, content: Any) -> InvalidBroughtFile:
    read = of_parquet if isinstance(content, dict) else of
    with pytest.raises(InvalidBroughtFile) as error:
        read(path, content)
    return error.value


class TestCsv:
    def test_comes_sorted_and_each_row_once(self, tmp_path: Path) -> None:
        text = "course_id,batch_id,learner_id\n2,21,5\n1,,7\n2,21,5\n2,,5\n1,,6\n"
        assert of(tmp_path, text) == [("1", "6"), ("1", "7"), ("2/21", "5"), ("2", "5")]

    def test_may_have_its_columns_in_any_order_and_no_batches(self, tmp_path: Path) -> None:
        assert of(tmp_path, f"learner_id,course_id\n{BIG},1\n") == [("1", BIG)]

    @pytest.mark.parametrize(
        "text",
        [
            "\ufeffcourse_id,learner_id\r\n1,5\r\n",
            "course_id , learner_id\n 1 , 5 \n\n",
            '"course_id","learner_id"\n"1","5"',
            "course_id,batch_id,learner_id\n1,,5\n,,\n",
            "Course ID;Learner ID\n1;5\n;\n",
            "COURSE_ID\tlearnerId\r\n1\t5\r\n",
            "course-id,learner id\n1,5\n",
            "\ufeffsep=;\r\ncourse_id;batch_id;learner_id\r\n1;;5\r\n",
            '"sep=,"\ncourse_id,learner_id\n1,5\n',
            "sep=|\ncourse_id|learner_id\n1|5\n",
        ],
    )
    def test_may_come_as_programs_write_it(self, tmp_path: Path, text: str) -> None:
        assert of(tmp_path, text) == [("1", "5")]

    @pytest.mark.parametrize(
        ("text", "line", "column"),
        [
            ("", 1, None),
            ("course_id,learner_id\n", None, None),
            ("course_id|learner_id\n1|5\n", 1, 1),
            ("course_id,batch,learner_id\n1,2,5\n", 1, 2),
            ("sep=;\ncourse_id;learner_id\n1;x\n", 3, "learner_id"),
            ("sep=ab\ncourse_id;learner_id\n1;5\n", 1, None),
            ("Course ID,course_id,learner_id\n", 1, "course_id"),
            ("\ncourse_id,learner_id\n", 1, None),
            ("course_id,learner_id\n1,x\ny,5\n", 2, "learner_id"),
            (f"course_id,learner_id\n1,{'5' * 5000}\n", 2, None),
            ("course_id,learner_id,course_id\n1,5,1\n", 1, "course_id"),
            ("course_id,batch_id\n1,2\n", 1, "learner_id"),
            ("1,2,3\n", 1, 1),
            ("course_id,learner_id\n1,5\n1\n", 3, None),
            ("course_id,learner_id\n1,5\n1,5,6\n", 3, None),
            ("course_id,learner_id\n1,5\n,5\n", 3, "course_id"),
            ("course_id,learner_id\n1,5\n\n1,9.00720E+15\n", 4, "learner_id"),
            ("course_id,batch_id,learner_id\n1,x,5\n", 2, "batch_id"),
            ("course_id,learner_id\n1,５\n", 2, "learner_id"),
            ("course_id,learner_id\n1,-5\n", 2, "learner_id"),
            ('course_id,learner_id\n1,"5\n', 2, None),
            (b"course_id,learner_id\n1,5\n1,\xff\n", 3, None),
        ],
    )
    def test_that_cannot_be_is_refused_by_line_and_column(
        self, tmp_path: Path, text: Any, line: int | None, column: Any
    ) -> None:
        error = refusal(tmp_path, text)
        assert error.line == line
        assert line is None or f"line {line}" in str(error)
        assert error.column == column
        assert column is None or f"column {column}" in str(error)

    def test_is_checked_to_its_end_before_anything_comes_out(self, tmp_path: Path) -> None:
        rows = "".join(f"1,{number}\n" for number in range(500))
        assert refusal(tmp_path, f"course_id,learner_id\n{rows}1,x\n").line == 502


class TestParquet:
    @pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.int64(), pa.uint64()])
    def test_may_have_ids_as_text_or_integers(self, tmp_path: Path, kind: pa.DataType) -> None:
        columns = {name: pa.array(values).cast(kind) for name, values in IDS.items()}
        assert of_parquet(tmp_path, columns) == [("1", BIG), ("2", "11")]

    def test_may_have_ids_as_views_of_text(self) -> None:
        """In a file that Arrow 26 wrote: the lowest Arrow that the project allows reads such a file, only."""
        assert [(str(course), learner) for course, learner in read_roster(str(VIEWS))] == [
            ("1", BIG),
            ("2", "11"),
        ]

    def test_may_have_dictionaries_and_nulls_where_there_is_no_batch(self, tmp_path: Path) -> None:
        columns = {
            **{name: pa.array(values).dictionary_encode() for name, values in IDS.items()},
            "batch_id": [None, "3"],
        }
        assert of_parquet(tmp_path, columns) == [("1/3", BIG), ("2", "11")]
        assert of_parquet(tmp_path, {**IDS, "batch_id": pa.nulls(2)}) == [("1", BIG), ("2", "11")]

    def test_of_many_row_groups_counts_rows_through(self, tmp_path: Path) -> None:
        columns = {"course_id": ["1"] * 5, "learner_id": ["1", "2", "3", "x", "5"]}
        with pytest.raises(InvalidBroughtFile) as error:
            of_parquet(tmp_path, columns, row_group_size=2)
        assert (error.value.line, error.value.column) == (4, "learner_id")

    @pytest.mark.parametrize(
        ("columns", "line", "column"),
        [
            ({**IDS, "learner_id": [5.0, 6.0]}, None, "learner_id"),
            ({**IDS, "learner_id": [True, False]}, None, "learner_id"),
            ({**IDS, "learner_id": [None, "5"]}, 1, "learner_id"),
            ({**IDS, "course_id": ["1", ""]}, 2, "course_id"),
            ({**IDS, "name": ["a", "b"]}, None, 3),
            ({"course_id": ["1"]}, None, "learner_id"),
            ({"course_id": [], "learner_id": []}, None, None),
            ({"course_id": ["1", "1"], "learner_id": ["5", "-5"]}, 2, "learner_id"),
            ({"course_id": ["1", "x"], "learner_id": ["y", "5"]}, 1, "learner_id"),
        ],
    )
    def test_that_cannot_be_is_refused_by_row_and_column(
        self, tmp_path: Path, columns: Any, line: int | None, column: Any
    ) -> None:
        error = refusal(tmp_path, columns)
        assert (error.line, error.column) == (line, column)

    @pytest.mark.parametrize("index", [None, "row", "course_id"])
    def test_may_have_a_pandas_index_beside_its_columns(self, tmp_path: Path, index: str | None) -> None:
        frame = pa.table(IDS).to_pandas()
        indexed = frame.set_index(index) if index == "course_id" else frame.iloc[::-1].rename_axis(index)
        indexed.to_parquet(tmp_path / "roster")
        found = [(str(course), learner) for course, learner in read_roster(str(tmp_path / "roster"))]
        assert found == [("1", BIG), ("2", "11")]

    def test_may_name_its_columns_in_other_ways(self, tmp_path: Path) -> None:
        assert of_parquet(tmp_path, {"Course ID": ["1"], "learnerId": ["5"]}) == [("1", "5")]

    def test_with_a_value_that_no_id_can_be_is_refused_unread(self, tmp_path: Path) -> None:
        long = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int8()), ["5" * 100_000])
        error = refusal(tmp_path, {"course_id": ["1"] * 50_000, "learner_id": long})
        assert (error.line, error.column) == (None, "learner_id")
        assert "a value is longer than 64 bytes" in str(error)
        assert (tmp_path / "roster").stat().st_size < 10_000

    def test_that_is_damaged_is_refused(self, tmp_path: Path) -> None:
        assert "no sound Parquet" in str(refusal(tmp_path, b"PAR1 and then nothing"))


def test_a_roster_may_be_anywhere(tmp_path: Path) -> None:
    path = UPath(f"memory://{tmp_path.name}/roster.csv")
    path.write_text("course_id,learner_id\n1,5\n")
    assert list(read_roster(path)) == list(read_roster(str(path))) == [(Course("1"), "5")]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidBroughtFile, match="no such file; correct its path"):
        read_roster(str(tmp_path / "none"))


def test_an_error_quotes_nothing_that_is_in_the_file(tmp_path: Path) -> None:
    for text in (
        "Jane Doe,x\n",
        "course_id,learner_id\n1,Jane Doe\n",
        'course_id,learner_id\n1,"Jane Doe"x\n',
    ):
        assert "Jane" not in str(refusal(tmp_path, text))


def test_a_roster_larger_than_a_piece_comes_whole(tmp_path: Path) -> None:
    count = PIECE_ROWS + 7
    text = "course_id,learner_id\n" + "".join(f"1,{number}\n" for number in range(count))
    assert {learner for _, learner in of(tmp_path, text)} == set(map(str, range(count)))


IDS_OF_ROWS = st.tuples(
    st.integers(0, 10**19).map(str), st.none() | st.integers(0, 99).map(str), st.integers(0, 10**19).map(str)
)


@given(
    rows=st.lists(IDS_OF_ROWS, min_size=1, max_size=20), delimiter=st.sampled_from(",;\t"), told=st.booleans()
)
def test_csv_and_parquet_say_the_same_however_they_are_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], delimiter: str, told: bool
) -> None:
    rows = [row for row in rows if not is_rounded(row[0]) and not is_rounded(row[2])] or [("1", None, "5")]
    path = tmp_path_factory.mktemp("rosters")
    lines = [delimiter.join(("Course ID", "batch_id", "LEARNER-ID"))]
    lines += [delimiter.join(value or "" for value in row) for row in rows]
    text = "\r\n".join([f"sep={delimiter}"] * told + lines)
    names = ("course_id", "batch_id", "learner_id")
    table = {
        name: pa.array(values, pa.string())
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }
    wanted = sorted({(course, batch or "", learner) for course, batch, learner in rows})
    for found in (of(path, text), of_parquet(path, table)):
        assert sorted((*course.partition("/")[::2], learner) for course, learner in found) == wanted


@given(st.binary(max_size=300))
def test_whatever_is_in_a_file_it_is_a_roster_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("rosters")
    for begin in (b"", b"PAR1", b"course_id,learner_id\n1,"):
        with suppress(InvalidBroughtFile):
            of(path, begin + content)
