"""The DuckDB file that tools open: the same answers, without this project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from tests.helpers.published_days import DAYS, courses, learner_id
from zoho_people.__main__ import main
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.opened import OpenDataset
from zoho_people.reading.questions import question_names

pytestmark = pytest.mark.component


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "people.csv"
    rows = [f"{learner_id(number)},Sales,{number % 2}" for number in range(3)]
    path.write_text("\n".join(["learner_id,department,Cost Centre", *rows]))
    return path


@pytest.fixture(scope="module")
def deadlines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "deadlines.csv"
    path.write_text(
        "course_id,due_days\n" + "".join(f"{course.course_id},3\n" for course in {c for c, _ in courses()})
    )
    return path


@pytest.fixture(scope="module")
def file(published: Path, people: Path, deadlines: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command makes."""
    path = tmp_path_factory.mktemp("bi") / "answers.duckdb"
    options = ["--people", str(people), "--deadlines", str(deadlines), "--to", str(path)]
    assert main(["duckdb", "--output-path", str(published), *options]) == 0
    return path


@pytest.fixture(scope="module")
def tool(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A tool that knows DuckDB and nothing else."""
    with duckdb.connect(str(file), read_only=True, config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@pytest.fixture(scope="module")
def direct(published: Path, people: Path, deadlines: Path) -> Iterator[OpenDataset]:
    with Dataset.at(published).open(people=people, deadlines=deadlines, threads=1) as one:
        yield one


def agree(found: pa.Table, truth: pa.Table) -> None:
    """The order in which numbers are added may be another one."""
    assert found.schema.equals(truth.schema)
    pd.testing.assert_frame_equal(found.to_pandas(), truth.to_pandas(), rtol=1e-12)


def test_every_question_has_the_same_answer(tool: duckdb.DuckDBPyConnection, direct: OpenDataset) -> None:
    for name in question_names():
        agree(tool.sql(f"FROM {name}()").to_arrow_table(), direct.run(name))
        for column in ("cost_centre", "due_date"):
            grouped = tool.sql(f"FROM {name}_by('{column}')").to_arrow_table()
            agree(grouped, direct.run(name, {"group_by": column}))


@pytest.mark.parametrize(
    ("query", "question", "parameters"),
    [
        ("evidence(p_snapshot_date := DATE '{day}')", "evidence", {"snapshot_date": DAYS[1]}),
        (
            "overdue(p_departments := ['Sales'], p_days := 2)",
            "overdue",
            {"departments": ["Sales"], "days": 2},
        ),
        (
            "completion_by_course(p_group_by := 'department')",
            "completion_by_course",
            {"group_by": "department"},
        ),
        (
            "overdue_by('department', p_people_with := {{'cost_centre': ['1', 'unknown']}})",
            "overdue",
            {"group_by": "department", "people_with": {"cost_centre": ["1", "unknown"]}},
        ),
        (
            "evidence(p_people_with := MAP {{'cost_centre': ['0']}}, p_departments := ['Sales'])",
            "evidence",
            {"departments": "Sales", "people_with": {"cost_centre": "0"}},
        ),
        (
            "overdue_by('due_month', p_due_dates := ['2026-01-05'], p_people_with := {{'cost_centre': ['0']}})",
            "overdue",
            {"group_by": "due_month", "due_dates": "2026-01-05", "people_with": {"cost_centre": "0"}},
        ),
        (
            "evidence(p_due_from := DATE '2026-01-05', p_due_until := DATE '2026-01-05')",
            "evidence",
            {"due_from": "2026-01-05", "due_until": "2026-01-05"},
        ),
        ("completed_since(p_compared_with := DATE '{day}')", "completed_since", {"compared_with": DAYS[1]}),
    ],
)
def test_a_question_takes_its_parameters(
    tool: duckdb.DuckDBPyConnection,
    direct: OpenDataset,
    query: str,
    question: str,
    parameters: dict[str, object],
) -> None:
    found = tool.sql(f"FROM {query.format(day=DAYS[1])}").to_arrow_table()
    assert found.num_rows
    agree(found, direct.run(question, parameters))


def test_rows_have_their_names_in_self_paced_courses_and_in_batches(tool: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT batch_id IS NULL, count(*), count(course_name), count(batch_name), count(learner_name)
        FROM progress_named GROUP BY ALL ORDER BY 1
    """
    (_, in_batch, *batch_names), (_, alone, *names) = tool.sql(query).fetchall()
    assert batch_names == [in_batch] * 3
    assert names == [alone, 0, alone]
    assert tool.sql("SELECT count(*) FROM progress").fetchall() == [(in_batch + alone,)]


def test_rows_have_the_columns_of_the_people_file(tool: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT DISTINCT learner_id, department, cost_centre FROM progress_named WHERE cost_centre IS NOT NULL"
    assert set(tool.sql(query).fetchall()) == {(learner_id(n), "Sales", str(n % 2)) for n in range(3)}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("overdue_by('colour')", "group_by colour is no column"),
        ("evidence(p_people_with := {'colour': ['red']})", "people_with colour is no column"),
        ("stalled_learners_by('entity_type', p_days := 1)", "no entity_type to group by"),
    ],
)
def test_a_column_that_there_is_not_is_told(tool: duckdb.DuckDBPyConnection, query: str, told: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=told):
        tool.sql(f"FROM {query}").fetchall()


def test_a_snapshot_of_a_part_is_not_the_latest_in_a_tool_either(published: Path, tmp_path: Path) -> None:
    output, path = shutil.copytree(published, tmp_path / "out"), tmp_path / "bi.duckdb"
    for folder in output.glob(f"learner_progress/*/snapshot_date={DAYS[-1]}"):
        if "files" not in str(folder):
            shutil.rmtree(folder)
    assert main(["duckdb", "--output-path", str(output), "--to", str(path)]) == 0
    with duckdb.connect(str(path), read_only=True) as connection:
        days = connection.sql("SELECT DISTINCT snapshot_date FROM evidence()").fetchall()
        partial = connection.sql("SELECT snapshot_date FROM completion_over_time() WHERE is_partial")
        assert (days, partial.fetchall()) == ([(DAYS[-2],)], [])
        whole = f"completion_over_time(p_snapshot_date := DATE '{DAYS[-1]}')"
        query = f"SELECT snapshot_date, is_partial FROM {whole}"
        assert connection.sql(query).fetchall() == [(day, day == DAYS[-1]) for day in DAYS]
    with Dataset.at(output).open(threads=1) as direct:
        told = direct.run("completion_over_time", {"snapshot_date": DAYS[-1]})
    assert told["is_partial"].to_pylist() == [False, False, True]


@pytest.mark.parametrize("view", ["progress", "coverage", "changes", "daily"])
def test_each_view_about_learners_has_one_with_names_and_people(
    tool: duckdb.DuckDBPyConnection, view: str
) -> None:
    own, columns = (
        [row[0] for row in tool.sql(f"DESCRIBE {each}").fetchall()] for each in (view, f"{view}_named")
    )
    assert columns[: len(own)] == own
    assert set(columns[len(own) :]) >= {"course_name", "learner_name", "department", "cost_centre"}
    assert len(set(columns)) == len(columns)
    counts = [tool.sql(f"SELECT count(*) FROM {each}").fetchall() for each in (view, f"{view}_named")]
    assert counts[0] == counts[1]


def test_a_day_that_comes_later_is_seen(published: Path, tmp_path: Path) -> None:
    output, path = shutil.copytree(published, tmp_path / "out"), tmp_path / "bi.duckdb"
    later = list(output.rglob(f"snapshot_date={DAYS[-1]}"))
    for folder in later:
        folder.rename(tmp_path / str(later.index(folder)))
    assert main(["duckdb", "--output-path", str(output), "--to", str(path)]) == 0
    for folder in later:
        (tmp_path / str(later.index(folder))).rename(folder)
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.sql("SELECT snapshot_date FROM completion_over_time() ORDER BY 1").fetchall()
        assert [day for (day,) in found] == list(DAYS)
        for query in ("open_mandatory_by('due_date')", "evidence(p_due_until := DATE '2026-01-05')"):
            with pytest.raises(duckdb.InvalidInputException, match="due dates need a deadlines file"):
                connection.sql(f"FROM {query}").fetchall()


def test_it_has_no_row_of_what_is_published(file: Path) -> None:
    assert learner_id(7).encode() not in file.read_bytes()


def test_what_can_not_be_done_is_told_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    path = tmp_path / "bi.duckdb"
    assert main(["duckdb", "--output-path", str(tmp_path / "out"), "--to", str(path)]) == 2
    assert "nothing is published below the output path yet" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_people_file_that_can_not_be_is_told(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "people.csv").write_text("learner_id\nx\n")
    options = ["--people", str(tmp_path / "people.csv"), "--to", str(tmp_path / "bi.duckdb")]
    assert main(["duckdb", "--output-path", str(published), *options]) == 2
    assert "people file: line 2, column learner_id: it is not an id" in capsys.readouterr().err
