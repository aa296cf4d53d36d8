"""The two files that somebody may bring along, and what every answer has of them."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.published_days import DAYS, ORGANISATION, course_of, courses, learner_id
from zoho_people.reading.dataset import Dataset
from zoho_people.storage.brought_file import FileLimits, InvalidBroughtFile

SALES = {learner_id(number) for number in (0, 1, 2)}


def written(folder: Path, text: str) -> Path:
    path = folder / "brought.csv"
    path.write_text(text, "utf-8")
    return path


def answers(published: Path, query: str, **options: Any) -> list[dict[str, Any]]:
    with Dataset.at(published).open(with_questions=False, **options) as opened:
        return opened.sql(query).to_pylist()


def people_of(published: Path, tmp_path: Path, text: str) -> list[dict[str, Any]]:
    return answers(published, "FROM people ORDER BY learner_id", people=written(tmp_path, text))


def test_people_are_found_by_their_id(published: Path, tmp_path: Path) -> None:
    text = f"Learner ID;Department;Cost Centre\n{learner_id(0)};Sales;0042\n{learner_id(1)};;\n"
    nothing = dict.fromkeys(("email", "department", "manager", "location", "cost_centre"))
    assert people_of(published, tmp_path, text) == [
        {**nothing, "learner_id": learner_id(0), "department": "Sales", "cost_centre": "0042"},
        {**nothing, "learner_id": learner_id(1)},
    ]


def test_people_are_found_by_their_address_as_any_list_had_it(published: Path, tmp_path: Path) -> None:
    found = people_of(
        published, tmp_path, "email,department\n LEARNER3@Example.com ,Sales\nnobody@example.com,HR\n"
    )
    assert [(each["learner_id"], each["department"]) for each in found] == [(learner_id(3), "Sales")]


def test_the_latest_address_counts_where_it_has_changed(published: Path, tmp_path: Path) -> None:
    output = shutil.copytree(published, tmp_path / "out")
    for path in (output / "learners" / f"snapshot_date={DAYS[-1]}").iterdir():
        table = pq.ParquetFile(path).read()
        emails = [text.replace("learner3@", "married@") for text in table["email"].to_pylist()]
        place = table.column_names.index("email")
        pq.write_table(table.set_column(place, table.schema.field("email"), pa.array(emails)), path)
    found = people_of(output, tmp_path, "email,department\nlearner3@example.com,A\nmarried@example.com,B\n")
    assert [(each["learner_id"], each["department"]) for each in found] == [(learner_id(3), "B")]


def test_an_id_counts_more_than_an_address(published: Path, tmp_path: Path) -> None:
    text = f"learner_id,email,department\n{learner_id(3)},x@example.com,Sales\n,learner3@example.com,HR\n"
    found = people_of(published, tmp_path, text)
    assert [(each["learner_id"], each["department"]) for each in found] == [(learner_id(3), "Sales")]


def test_people_who_are_not_below_the_output_path_are_not_shown(published: Path, tmp_path: Path) -> None:
    text = f"learner_id,department\n{learner_id(0)},Sales\n99999999999999,Sales\n"
    assert [each["learner_id"] for each in people_of(published, tmp_path, text)] == [learner_id(0)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("department\nSales\n", "people file: line 1: there is none of the columns learner_id, email"),
        ("learner_id,department\n,Sales\n", "people file: line 2: the row has none of learner_id, email"),
        ("learner_id,department\nx,Sales\n", "people file: line 2, column learner_id: it is not an id"),
        ("learner_id,,department\n1,2,3\n", "people file: line 1, column 2: the name is empty"),
        ("learner_id,a b,a-b\n1,2,3\n", "column a_b: the column is there twice"),
        (
            f"learner_id,department\n{learner_id(0)},A\n{learner_id(0)},B\n",
            "1 learners are there more than once",
        ),
        ("learner_id\n1.00002E+17\n", "scientific notation"),
    ],
)
def test_a_people_file_that_can_not_be_is_refused_with_the_place(
    published: Path, tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(InvalidBroughtFile, match=told):
        people_of(published, tmp_path, text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("course_id\n1\n", "deadlines file: line 1: there is none of the columns due_date, due_days"),
        (
            "course_id,due_date\n1,31.12.2026\n",
            "line 2, column due_date: it is something else; write YYYY-MM-DD",
        ),
        (
            "course_id,due_date\n1,2026-02-31\n",
            "line 2, column due_date: it is something else; write YYYY-MM-DD",
        ),
        ("course_id,due_days\n1,-3\n", "line 2, column due_days: it is something else; write a whole number"),
        ("course_id,due_days\n1,\n", "line 2: the row has none of due_date, due_days"),
        ("course_id,due_days,owner\n1,2,x\n", "line 1, column 3: the name is unknown"),
        ("course_id,due_days\n1,2\n1,3\n", "deadlines file: 1 courses or batches are there more than once"),
    ],
)
def test_a_deadlines_file_that_can_not_be_is_refused_with_the_place(
    published: Path, tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(InvalidBroughtFile, match=told):
        answers(published, "FROM deadlines", deadlines=written(tmp_path, text))


def test_the_limits_of_the_deployer_hold(published: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "learner_id\n1\n2\n3\n")
    with pytest.raises(InvalidBroughtFile, match="people file: it has 3 rows or more, and 2 are allowed"):
        answers(published, "FROM people", people=path, limits=FileLimits(max_rows=2))


def test_parquet_may_have_days_as_dates_and_counts_as_numbers(published: Path, tmp_path: Path) -> None:
    at_one = datetime(2026, 3, 1, tzinfo=UTC)
    table = pa.table(
        {
            "course_id": pa.array([1, 2, 3]),
            "due_date": pa.array([at_one, None, at_one + timedelta(days=1)]),
            "due_days": pa.array([None, 7, None], pa.int64()),
        }
    )
    pq.write_table(table, tmp_path / "deadlines")
    assert answers(published, "FROM deadlines ORDER BY course_id", deadlines=tmp_path / "deadlines") == [
        {"course_id": "1", "batch_id": None, "due_date": date(2026, 3, 1), "due_days": None},
        {"course_id": "2", "batch_id": None, "due_date": None, "due_days": 7},
        {"course_id": "3", "batch_id": None, "due_date": date(2026, 3, 2), "due_days": None},
    ]


@pytest.mark.component
@pytest.mark.parametrize(
    "question", ["evidence", "open_mandatory", "completion_by_course", "completion_over_time"]
)
def test_every_answer_can_be_filtered_by_where_learners_work(
    published: Path, tmp_path: Path, question: str
) -> None:
    rows = "".join(f"{each},Sales,Ada,Pune\n" for each in sorted(SALES))
    people = written(tmp_path, f"learner_id,department,manager,location\n{rows}")
    with Dataset.at(published).open(people=people) as opened:
        expected = opened.run(question, {"learner_ids": sorted(SALES)})
        for chosen in ({"departments": "Sales"}, {"managers": ["Ada"]}, {"locations": ["Pune", "Oslo"]}):
            found = opened.run(question, chosen)
            assert found.num_rows > 0
            assert found.equals(expected)


def test_answers_are_grouped_by_department(published: Path, tmp_path: Path) -> None:
    rows = "".join(f"{each},Sales\n" for each in sorted(SALES))
    with Dataset.at(published).open(people=written(tmp_path, f"learner_id,department\n{rows}")) as opened:
        found = opened.run("completion_over_time", {"group_by": "department"}).to_pylist()
        alone = opened.run("completion_over_time", {"learner_ids": sorted(SALES)}).to_pylist()
    groups = [(row["group_name"], row["learners"]) for row in found[:2]]
    assert groups == [("Sales", 3), ("unknown", ORGANISATION.learners - 3)]
    assert [row["completed"] for row in found if row["group_name"] == "Sales"] == [
        row["completed"] for row in alone
    ]


def test_a_deadline_of_a_batch_wins_over_that_of_its_course(published: Path, tmp_path: Path) -> None:
    (blended, first), (_, second) = [each for each in courses() if each[1] is not None]
    alone = next(course for course, batch_id in courses() if batch_id is None)
    day = DAYS[-1]
    text = (
        f"course_id,batch_id,due_date,due_days\n{blended.course_id},,{day - timedelta(days=3)},\n"
        f"{blended.course_id},{second},{day},\n{alone.course_id},,,2\n"
    )
    with Dataset.at(published).open(deadlines=written(tmp_path, text)) as opened:
        found = opened.run("open_mandatory").to_pandas()
        overdue = opened.run("overdue").to_pandas()
    late = {
        str(course_of(blended, first)): (day - timedelta(days=3), 3),
        str(course_of(blended, second)): (day, 0),
        str(course_of(alone, None)): (DAYS[0] + timedelta(days=2), 7),
    }
    found = found.astype(object).where(found.notna(), None)
    places = found["course_id"] + found["batch_id"].map(lambda batch: f"/{batch}" if batch else "")
    for place, (due, days) in late.items():
        rows = found[places == place]
        assert len(rows)
        assert set(rows["due_date"]) == {due}
        assert set(rows["days_overdue"]) == {days}
    assert set(found[~places.isin(late)]["due_date"]) == {None}
    is_counted = places == str(course_of(alone, None))
    assert set(found[is_counted]["is_due_exact"]) == {False}
    assert set(found[~is_counted & places.isin(late)]["is_due_exact"]) == {True}
    assert len(overdue) == (found["days_overdue"] > 0).sum()
    assert overdue["days_overdue"].is_monotonic_decreasing
