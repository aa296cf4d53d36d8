"""What is published below an output path: its days, and what goes wrong with it."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from upath import UPath

from tests.helpers.published_days import DAYS
from zoho_people.model.completion import is_completed
from zoho_people.reading import progress
from zoho_people.reading.daily_file import write_daily
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.errors import (
    NoDataset,
    NoSuchDay,
    UnknownParameter,
    UnknownQuestion,
    UnreachableFiles,
    UnreadableFile,
)
from zoho_people.reading.opened import OpenDataset
from zoho_people.reading.questions import Question, question_names
from zoho_people.reading.relations import SCHEMAS, is_completed_sql

CONNECTION = duckdb.connect()
BLANK_STATUSES = [f"{char}Completed{char}" for char in map(chr, range(0x3001)) if char.isspace()]
NEWEST_FIRST = list(reversed(DAYS))


@pytest.fixture
def output(published: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(published, tmp_path / "out [1]")


def files(output: Path, dataset: str = "learner_progress") -> list[Path]:
    return sorted((output / dataset).rglob("*.parquet"))


def test_the_days_of_each_dataset_are_told_newest_first(published: Path) -> None:
    dataset = Dataset.at(published)
    for name in ("learner_progress", "coverage", "courses", "learners"):
        assert dataset.days(name) == NEWEST_FIRST
    assert dataset.days("changes") == []
    assert dataset.snapshots() == NEWEST_FIRST


@pytest.mark.parametrize("wanted", [DAYS[1], str(DAYS[1])])
def test_a_day_is_a_date_or_a_text(published: Path, wanted: date | str) -> None:
    assert Dataset.at(published).day(wanted) == DAYS[1]


def test_the_latest_day_is_the_default(published: Path) -> None:
    assert Dataset.at(published).day() == Dataset.at(published).day("latest") == DAYS[-1]


def test_a_day_that_is_not_there_is_refused_with_those_nearby(published: Path) -> None:
    with pytest.raises(
        NoSuchDay, match=f"no snapshot of {DAYS[0] + timedelta(days=1)}.*{DAYS[0]}"
    ) as refused:
        Dataset.at(published).day(DAYS[0] + timedelta(days=1))
    assert refused.value.near == list(DAYS)


def test_of_many_days_the_nearest_are_named() -> None:
    days = [date(2026, 1, day) for day in range(1, 31)]
    assert NoSuchDay(date(2026, 2, 9), days).near == days[-5:]


def test_what_is_no_day_is_refused(published: Path) -> None:
    with pytest.raises(UnknownParameter, match="'yesterday' is no day; write YYYY-MM-DD"):
        Dataset.at(published).day("yesterday")


def test_an_output_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoDataset, match="check the output path"):
        Dataset.at(tmp_path / "nowhere").day()


def test_a_protocol_that_nobody_knows_is_told_without_the_url() -> None:
    with pytest.raises(UnreachableFiles) as told:
        Dataset.at("nosuch://key:secret@bucket/x")
    assert "secret" not in str(told.value)


def test_datasets_without_files_are_empty_tables_with_their_columns(tmp_path: Path) -> None:
    with Dataset.at(tmp_path).open() as empty:
        for view in (
            "progress",
            "coverage",
            "courses",
            "learners",
            "changes",
            "people",
            "deadlines",
            "daily",
            "daily_totals",
        ):
            assert empty.sql(f"SELECT * FROM {view}").num_rows == 0
        columns = empty.sql("SELECT * FROM progress").schema
    assert columns.names[:2] == ["course_id", "batch_id"]
    assert columns.names[-3:] == ["entity_type", "snapshot_date", "is_completed"]
    assert columns.field("snapshot_date").type == pa.date32()


def test_an_empty_table_has_the_columns_of_a_full_one(opened: OpenDataset, tmp_path: Path) -> None:
    with Dataset.at(tmp_path).open() as empty:
        for view in ("progress", "coverage", "courses", "learners", "daily", "daily_totals"):
            query = f"SELECT * FROM {view} LIMIT 0"
            assert empty.sql(query).schema.equals(opened.sql(query).schema), view


def test_counts_that_are_kept_are_those_that_are_computed(
    published: Path, opened: OpenDataset, tmp_path: Path
) -> None:
    kept = {day: tmp_path / f"{day}.parquet" for day in DAYS[1:]}
    for day, path in kept.items():
        write_daily(opened, day, path)
    with Dataset.at(published).open(daily=kept) as other:
        for view in ("daily", "daily_totals"):
            query = f"SELECT * REPLACE (round(mark_share, 9) AS mark_share) FROM {view} ORDER BY ALL"
            assert other.sql(query).equals(opened.sql(query)), view
        summed = """
            SELECT
                snapshot_date, course_id, batch_id, learner_id,
                sum(entities)::BIGINT, sum(completed)::BIGINT,
                sum(mandatory)::BIGINT, sum(mandatory_completed)::BIGINT, bit_xor(fingerprint), max(fetched_at)
            FROM daily
            GROUP BY ALL ORDER BY ALL
        """
        totals = "SELECT * EXCLUDE (mark_share) FROM daily_totals ORDER BY ALL"
        rows = other.sql(totals).to_pylist()
        assert [tuple(row.values()) for row in rows] == [
            tuple(row.values()) for row in other.sql(summed).to_pylist()
        ]
        assert len({row["snapshot_date"] for row in rows}) == len(DAYS)


def test_an_older_file_without_a_column_has_nulls_there(output: Path) -> None:
    for path in files(output)[::2]:
        pq.write_table(pq.ParquetFile(path).read().drop_columns(["duration_seconds"]), path)
    with Dataset.at(output).open(with_questions=False) as opened:
        table = opened.sql("SELECT count(*) AS all_rows, count(duration_seconds) AS known FROM progress")
        assert 0 < table["known"][0].as_py() < table["all_rows"][0].as_py()


@pytest.mark.parametrize("content", [b"", b"no parquet at all, whatever its name says", b"half"])
def test_a_damaged_file_is_told_by_name(output: Path, content: bytes) -> None:
    victim = files(output)[3]
    whole = victim.read_bytes()
    victim.write_bytes(
        whole[: len(whole) // 2] + bytes(200) + whole[-300:] if content == b"half" else content
    )
    with Dataset.at(output).open(with_questions=False) as opened, pytest.raises(UnreadableFile) as told:
        opened.sql("SELECT count(*), max(attributes), max(entity_name) FROM progress")
    assert told.value.path == str(victim.relative_to(output))
    assert "restore it, or move it away" in str(told.value)


def test_a_file_of_somebody_else_is_told_by_name(output: Path) -> None:
    victim = files(output)[0]
    pq.write_table(pa.table({"course_id": ["1"], "user_mark": ["very good"]}), victim)
    with (
        Dataset.at(output).open(with_questions=False) as opened,
        pytest.raises(UnreadableFile, match="column 'learner_id' is missing"),
    ):
        opened.sql("SELECT max(user_mark) FROM progress")


def test_sql_reaches_nothing_but_the_output_path(published: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"learner_id": ["1"]}), tmp_path / "other.parquet")
    with Dataset.at(published).open(with_questions=False) as opened:
        for query in (
            f"SELECT * FROM '{tmp_path}/other.parquet'",
            f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
            f"ATTACH '{tmp_path}/x.duckdb'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
        ):
            with pytest.raises((duckdb.Error, OSError)):
                opened.connection.execute(query)
    assert [path.name for path in tmp_path.iterdir()] == ["other.parquet"]


def test_an_object_store_answers_as_a_folder_does(
    published: Path, opened: OpenDataset, tmp_path: Path
) -> None:
    remote = UPath(f"memory://{tmp_path.name}/out")
    for path in published.rglob("*.parquet"):
        target = remote / str(path.relative_to(published))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    dataset = Dataset.at(remote)
    assert dataset.snapshots() == NEWEST_FIRST
    with dataset.open() as there:
        for question in ("evidence", "completion_over_time"):
            assert there.run(question).equals(opened.run(question))


def test_a_day_is_all_that_is_read_of_a_month(opened: OpenDataset) -> None:
    plan = opened.sql(
        "EXPLAIN ANALYZE SELECT count(status) FROM progress_on($day, NULL, ['files'], NULL, NULL, NULL)",
        {"day": DAYS[-1]},
    )
    of_day = len(list(Path(opened.dataset.store.root).glob(f"learner_progress/*/*={DAYS[-1]}/*.parquet")))
    files = len(
        list(Path(opened.dataset.store.root).glob(f"learner_progress/*=files/*={DAYS[-1]}/*.parquet"))
    )
    assert f"Scanning Files: {files}/{of_day}" in plan["explain_value"][0].as_py()


def test_a_question_that_there_is_not_is_refused_with_those_that_there_are(opened: OpenDataset) -> None:
    with pytest.raises(
        UnknownQuestion, match="'who' is no question; there are: attempts_exhausted, attendance"
    ):
        opened.run("who")


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"colour": "red"}, "overdue has no parameter 'colour'; it has: courses, days"),
        ({"courses": ["x"]}, "courses: course 'x' is not a course"),
        ({"entity_types": "tests"}, "entity_types: entity_type 'tests' is unknown"),
        ({"learner_ids": [7]}, "learner_ids: learner 7 is not an id"),
        ({"departments": [7]}, "departments: 7 is no text"),
        ({"days": "many"}, "days: 'many' is no number"),
        ({"snapshot_date": "soon"}, "snapshot_date: 'soon' is no day"),
    ],
)
def test_a_parameter_that_can_not_be_is_refused_by_name(
    opened: OpenDataset, given_: dict[str, object], told: str
) -> None:
    with pytest.raises(UnknownParameter, match=told):
        opened.run("overdue", given_)


def test_an_empty_list_chooses_nobody(opened: OpenDataset) -> None:
    assert opened.run("evidence", {"learner_ids": []}).num_rows == 0
    assert opened.run("evidence", {"departments": []}).num_rows == 0


def test_every_question_says_what_it_takes() -> None:
    assert len(question_names()) >= 12
    for name in question_names():
        question = Question.named(name)
        head = question.sql.partition("\nSELECT")[0].partition("\nWITH")[0]
        assert question.title.endswith("?"), name
        assert all(f"${parameter}" in head for parameter in question.parameters), name


def test_a_snapshot_of_few_courses_is_not_the_latest(output: Path) -> None:
    for path in files(output):
        if f"={DAYS[-1]}" in str(path) and "files" not in str(path):
            path.unlink()
    dataset = Dataset.at(output)
    assert dataset.day() == DAYS[-2]
    assert dataset.day(DAYS[-1]) == DAYS[-1]
    with dataset.open() as opened:
        assert set(opened.run("evidence")["snapshot_date"].to_pylist()) == {DAYS[-2]}
        assert opened.run("evidence", {"snapshot_date": DAYS[-1]}).num_rows
    assert set(progress(output)["snapshot_date"]) == {DAYS[-2]}


def test_the_folder_for_what_does_not_fit_is_closed_to_others_and_goes(published: Path) -> None:
    with Dataset.at(published).open() as opened:
        assert opened.scratch is not None
        assert opened.scratch.stat().st_mode & 0o077 == 0
        with opened.cursor() as cursor:
            cursor.run("attendance")
        assert opened.scratch.exists()
    assert not opened.scratch.exists()


def test_a_pass_mark_that_some_records_tell_is_that_of_the_test(output: Path) -> None:
    victim = next(
        path for path in files(output) if "online_tests" in str(path) and f"={DAYS[-1]}" in str(path)
    )
    table = pq.ParquetFile(victim).read()
    texts = [text if number % 3 == 0 else "{}" for number, text in enumerate(table["attributes"].to_pylist())]
    place = table.column_names.index("attributes")
    pq.write_table(table.set_column(place, table.schema.field("attributes"), pa.array(texts)), victim)
    course = table["course_id"][0].as_py()
    with Dataset.at(output).open() as opened:
        chosen = {"courses": [course], "entity_types": ["online_tests"], "pass_share": 0.9}
        limits = opened.run("test_difficulty", chosen)["pass_share"].to_pylist()
    assert set(limits) <= {0.4, 0.9}
    assert 0.4 in limits


@given(st.lists(st.text(max_size=4) | st.from_regex(r"\s?[cC]ompleteD?\s{0,2}", fullmatch=True) | st.none()))
@settings(max_examples=25)
def test_sql_and_the_report_agree_on_what_completed_is(statuses: list[str | None]) -> None:
    query = f"SELECT list({is_completed_sql('s')}) FROM (SELECT unnest($statuses::VARCHAR[]) AS s)"
    found = CONNECTION.execute(query, {"statuses": [*BLANK_STATUSES, *statuses]}).fetchone()
    assert found == ([is_completed(status) for status in [*BLANK_STATUSES, *statuses]],)


def test_datasets_are_those_of_the_layout() -> None:
    assert set(SCHEMAS) == {"learner_progress", "coverage", "courses", "learners", "changes"}
