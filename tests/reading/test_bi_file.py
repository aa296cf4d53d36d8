"""The DuckDB file that tools open: the same answers, without this project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.helpers.published_days import DAYS, courses, learner_id
from zoho_people.__main__ import main
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.opened import OpenDataset
from zoho_people.reading.questions import question_names


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "people.csv"
    path.write_text(f"learner_id,department\n{learner_id(0)},Sales\n{learner_id(1)},Sales\n")
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


def test_every_question_has_the_same_answer(tool: duckdb.DuckDBPyConnection, direct: OpenDataset) -> None:
    for name in question_names():
        assert tool.sql(f"FROM {name}()").to_arrow_table().equals(direct.run(name)), name


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
    assert found.equals(direct.run(question, parameters))


def test_rows_have_their_names_in_self_paced_courses_and_in_batches(tool: duckdb.DuckDBPyConnection) -> None:
    query = """
        SELECT batch_id IS NULL, count(*), count(course_name), count(batch_name), count(learner_name)
        FROM progress_named GROUP BY ALL ORDER BY 1
    """
    (_, in_batch, *batch_names), (_, alone, *names) = tool.sql(query).fetchall()
    assert batch_names == [in_batch] * 3
    assert names == [alone, 0, alone]
    assert tool.sql("SELECT count(*) FROM progress").fetchall() == [(in_batch + alone,)]


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
