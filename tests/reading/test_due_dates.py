"""Every answer by when a learner has to have completed a course: grouped and filtered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.helpers.published_days import DAYS, ORGANISATION, course_of, courses, learner_id
from tests.reading.roll_ups import MORE, agree
from zoho_people.reading import answer
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.due_columns import NO_DUE_DATE
from zoho_people.reading.errors import UnknownParameter
from zoho_people.reading.opened import OpenDataset
from zoho_people.reading.questions import Question, question_names

pytestmark = pytest.mark.component

TODAY = DAYS[-1]
ROWS = [name for name in question_names() if not Question.named(name).has_groups]
STATISTICS = [name for name in question_names() if Question.named(name).has_groups]
DATED, BATCHED, ANOTHER_BATCH, FREE = (course_of(*each) for each in courses())
LATE = [learner_id(number) for number in range(ORGANISATION.learners) if number % 4 in (1, 2)]
"""They are in no course before the second day."""

BEFORE, NEXT_MONTH = TODAY - timedelta(days=4), date(2026, 2, 1)
FIRST_DUE, LATE_DUE = DAYS[0] + timedelta(days=8), DAYS[1] + timedelta(days=8)


def due_of(course_id: str, batch_id: str | None, learner: str) -> date | None:
    """What the file says: a day for a course, a day for a batch, and days for the course of that batch."""
    if course_id == DATED.course_id:
        return BEFORE
    if course_id != BATCHED.course_id:
        return None
    if batch_id == ANOTHER_BATCH.batch_id:
        return NEXT_MONTH
    return LATE_DUE if learner in LATE else FIRST_DUE


def due_dates(rows: pd.DataFrame) -> list[date | None]:
    keys = rows[["course_id", "batch_id", "learner_id"]].astype(object)
    return [due_of(*key) for key in keys.where(keys.notna(), None).itertuples(index=False, name=None)]


def groups_of(rows: pd.DataFrame, column: str) -> list[str]:
    length = len("2026-01") if column == "due_month" else None
    return [str(due)[:length] if due else NO_DUE_DATE for due in due_dates(rows)]


@pytest.fixture(scope="module")
def output(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published days, some learners of which come later."""
    folder = shutil.copytree(published, tmp_path_factory.mktemp("later") / "out")
    for path in folder.glob(f"**/snapshot_date={DAYS[0]}/*.parquet"):
        table = pq.read_table(path, partitioning=None)
        if "learner_id" in table.column_names:
            is_late = pc.is_in(table["learner_id"], value_set=pa.array(LATE))
            pq.write_table(table.filter(pc.invert(is_late)), path)
    return folder


@pytest.fixture(scope="module")
def deadlines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "deadlines.csv"
    path.write_text(
        f"course_id,batch_id,due_date,due_days\n{DATED.course_id},,{BEFORE},\n"
        f"{BATCHED.course_id},,,8\n{BATCHED.course_id},{ANOTHER_BATCH.batch_id},{NEXT_MONTH},\n"
    )
    return path


@pytest.fixture(scope="module")
def dated(output: Path, deadlines: Path) -> Iterator[OpenDataset]:
    with Dataset.at(output).open(deadlines=deadlines, threads=1) as one:
        yield one


def frame(opened: OpenDataset, question: str, **given: Any) -> pd.DataFrame:
    return opened.run(question, {**MORE.get(question, {}), **given}).to_pandas()


@pytest.mark.parametrize("column", ["due_date", "due_month"])
@pytest.mark.parametrize("question", ROWS)
def test_rows_about_learners_are_counted_by_due_date(dated: OpenDataset, question: str, column: str) -> None:
    rows = frame(dated, question)
    rows["group_name"] = groups_of(rows, column)
    found = dated.run(question, {**MORE.get(question, {}), "group_by": column}).to_pylist()
    agree(question, rows, found)


def test_rows_tell_the_due_date_that_they_are_grouped_by(dated: OpenDataset) -> None:
    rows = frame(dated, "open_mandatory")
    assert [None if pd.isna(due) else due for due in rows["due_date"]] == due_dates(rows)
    assert set(rows["due_date"].dropna()) == {BEFORE, NEXT_MONTH, FIRST_DUE, LATE_DUE}


@pytest.mark.parametrize("question", [each for each in STATISTICS if each != "completion_over_time"])
def test_the_figures_of_a_due_date_are_those_of_its_learners(dated: OpenDataset, question: str) -> None:
    grouped = frame(dated, question, group_by="due_date")
    everybody = [learner_id(number) for number in range(ORGANISATION.learners)]
    wanted = [
        (str(BEFORE), DATED, everybody),
        (str(NEXT_MONTH), ANOTHER_BATCH, everybody),
        (str(LATE_DUE), BATCHED, LATE),
        (str(FIRST_DUE), BATCHED, [each for each in everybody if each not in LATE]),
        (NO_DUE_DATE, FREE, everybody),
    ]
    seen = set()
    for group, course, learner_ids in wanted:
        own = grouped[grouped["group_name"] == group].drop(columns="group_name").reset_index(drop=True)
        given = {"courses": str(course), "learner_ids": learner_ids}
        alone = frame(dated, question, **given).drop(columns="group_name")
        pd.testing.assert_frame_equal(own, alone, check_dtype=False)
        seen |= {group} if len(own) else set()
        given = {"due_dates": group}
        chosen = frame(dated, question, **given).drop(columns="group_name")
        pd.testing.assert_frame_equal(own, chosen, check_dtype=False)
    assert set(grouped["group_name"]) == seen
    assert len(seen) >= 2


def test_completion_over_time_counts_who_has_left_since(dated: OpenDataset) -> None:
    rows = pd.concat(
        frame(dated, "evidence", snapshot_date=day).query("state in ('done', 'open')") for day in DAYS
    )
    rows["group_name"] = groups_of(rows, "due_date")
    truth = {
        (day, group): (each["learner_id"].nunique(), len(each), (each["state"] == "done").sum())
        for (day, group), each in rows.groupby(["snapshot_date", "group_name"])
    }
    told = dated.run("completion_over_time", {"group_by": "due_date"}).to_pylist()
    figures = ("learners", "entities", "completed")
    assert {
        (row["snapshot_date"], row["group_name"]): tuple(row[name] for name in figures) for row in told
    } == truth
    assert (DAYS[0], str(LATE_DUE)) not in truth
    assert truth[DAYS[1], str(BEFORE)][0] == truth[TODAY, str(BEFORE)][0] + 1


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"due_from": LATE_DUE}, {LATE_DUE, NEXT_MONTH}),
        ({"due_until": str(FIRST_DUE)}, {BEFORE, FIRST_DUE}),
        ({"due_from": FIRST_DUE, "due_until": LATE_DUE}, {FIRST_DUE, LATE_DUE}),
        ({"due_dates": [BEFORE, NO_DUE_DATE]}, {BEFORE, None}),
        ({"due_months": "2026-02"}, {NEXT_MONTH}),
        ({"due_months": ["2026-01", NO_DUE_DATE], "due_from": FIRST_DUE}, {FIRST_DUE, LATE_DUE}),
        ({"people_with": {"due_date": [str(BEFORE)], "department": "unknown"}}, {BEFORE}),
    ],
)
def test_every_answer_is_filtered_by_due_dates(
    dated: OpenDataset, given: dict[str, Any], wanted: set[date | None]
) -> None:
    for question in ROWS:
        rows = frame(dated, question)
        is_wanted = [due in wanted for due in due_dates(rows)]
        pd.testing.assert_frame_equal(
            frame(dated, question, **given), rows[is_wanted].reset_index(drop=True), check_dtype=False
        )
    for question in STATISTICS:
        groups = frame(dated, question, group_by="due_date")
        is_wanted = groups["group_name"].isin([str(due) if due else NO_DUE_DATE for due in wanted])
        found = frame(dated, question, group_by="due_date", **given)
        pd.testing.assert_frame_equal(found, groups[is_wanted].reset_index(drop=True), check_dtype=False)


@pytest.mark.parametrize("more", ["", f"{BATCHED.course_id},,8\n"], ids=["days", "days and counts of days"])
def test_who_has_left_a_course_had_its_due_date_until_then(
    published: Path, tmp_path: Path, more: str
) -> None:
    output, path = shutil.copytree(published, tmp_path / "out"), tmp_path / "deadlines.csv"
    for each in output.glob(f"**/snapshot_date={TODAY}/*.parquet"):
        table = pq.read_table(each, partitioning=None)
        if "learner_id" in table.column_names:
            has_left = pc.is_in(table["learner_id"], value_set=pa.array(LATE))
            pq.write_table(table.filter(pc.invert(has_left)), each)
    path.write_text(f"course_id,due_date,due_days\n{DATED.course_id},{BEFORE},\n{more}")
    with Dataset.at(output).open(deadlines=path, threads=1) as opened:
        rows = opened.sql(
            "SELECT snapshot_date, count(*) FROM progress WHERE course_id = $course GROUP BY ALL ORDER BY ALL",
            {"course": DATED.course_id},
        ).to_pylist()
        found = opened.run("completion_over_time", {"due_dates": BEFORE}).to_pylist()
    assert [[row["snapshot_date"], row["entities"]] for row in found] == [[*row.values()] for row in rows]
    assert found[-1]["entities"] < found[-2]["entities"]


def test_people_and_due_dates_have_to_fit(output: Path, deadlines: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["learner_id,department,due_date", *(f"{each},Sales,x" for each in LATE)]))
    asked = {"group_by": "due_date", "departments": "Sales", "due_until": LATE_DUE}
    found = answer(output, "open_mandatory", people=path, deadlines=deadlines, **asked)
    assert found["group_name"].tolist() == [str(BEFORE), str(LATE_DUE)]
    items = answer(output, "open_mandatory", people=path, deadlines=deadlines, departments="Sales")
    assert found["items"].sum() == (items["due_date"] <= LATE_DUE).sum() > 0
    # A column of the people file that is called so is none to group by.
    with pytest.raises(UnknownParameter, match="due_date needs due dates, and none are known"):
        answer(output, "overdue", people=path, group_by="due_date")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"due_from": "soon"}, "due_from: 'soon' is no day; write YYYY-MM-DD$"),
        ({"due_from": [TODAY, TODAY]}, "due_from: due_from is one day, not 2"),
        ({"due_dates": "2026-02-30"}, "due_dates: '2026-02-30' is no day; write YYYY-MM-DD, or no due date"),
        ({"due_months": ["2026-13"]}, "due_months: '2026-13' is no month; write YYYY-MM, or no due date"),
        ({"due_dates": "2026-02-01", "people_with": {"due_date": []}}, "due_dates is among people_with, too"),
        ({"group_by": "due_from"}, "'due_from' is unknown; use one of: .*, location, due_date, due_month$"),
    ],
)
def test_a_due_date_that_can_not_be_is_told(dated: OpenDataset, given: dict[str, Any], told: str) -> None:
    with pytest.raises(UnknownParameter, match=told):
        dated.run("overdue", given)


@pytest.mark.parametrize(
    "given",
    [
        {"group_by": "due_date"},
        {"group_by": "due_month"},
        {"due_until": TODAY},
        {"due_dates": NO_DUE_DATE},
        {"people_with": {"due_month": ["2026-02"]}},
    ],
)
def test_without_deadlines_the_file_is_asked_for(opened: OpenDataset, given: dict[str, Any]) -> None:
    for question in question_names():
        with pytest.raises(UnknownParameter, match="due dates, and none are known; name a deadlines file"):
            opened.run(question, given)
