"""Every answer by what the people file says: grouped and filtered, by any of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.helpers.published_days import DAYS, ORGANISATION, courses, learner_id
from tests.reading.roll_ups import MORE, agree
from zoho_people.reading import answer, changes, coverage, learners, progress
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.errors import NoDataset, UnknownParameter
from zoho_people.reading.opened import OpenDataset
from zoho_people.reading.people_columns import UNKNOWN
from zoho_people.reading.questions import Question, question_names

pytestmark = pytest.mark.component

TODAY = DAYS[-1]
COLUMN = "cost_centre"
CENTRES = ("0042", "0043", "")
EVERYBODY = [learner_id(number) for number in range(ORGANISATION.learners)]
GROUP_OF = {each: CENTRES[number % 3] or UNKNOWN for number, each in enumerate(EVERYBODY)}
"""Two centres; of the others some have none in the file, and two are not in it."""
GROUP_OF |= dict.fromkeys(EVERYBODY[-2:], UNKNOWN)

ROWS = [name for name in question_names() if not Question.named(name).has_groups]
STATISTICS = [name for name in question_names() if Question.named(name).has_groups]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "people.csv"
    rows = [f"{each},Sales,{CENTRES[number % 3]},S{number}" for number, each in enumerate(EVERYBODY[:-2])]
    path.write_text("\n".join(["learner_id,department,Cost Centre,status", *rows]))
    return path


@pytest.fixture(scope="module")
def deadlines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "deadlines.csv"
    ids = sorted({course.course_id for course, _ in courses()})
    path.write_text(f"course_id,due_date\n{ids[0]},{TODAY - timedelta(days=4)}\n{ids[1]},{TODAY}\n")
    return path


@pytest.fixture(scope="module")
def brought(published: Path, people: Path, deadlines: Path) -> Iterator[OpenDataset]:
    with Dataset.at(published).open(people=people, deadlines=deadlines, threads=1) as one:
        yield one


def members(group: str) -> list[str]:
    return [each for each, name in GROUP_OF.items() if name == group]


def frame(opened: OpenDataset, question: str, **given: Any) -> pd.DataFrame:
    return opened.run(question, {**MORE.get(question, {}), **given}).to_pandas()


def test_every_question_is_one_or_the_other() -> None:
    assert set(ROWS) | set(STATISTICS) == set(question_names())
    assert (len(ROWS), len(STATISTICS)) == (7, 7)


@pytest.mark.parametrize("question", STATISTICS)
def test_the_figures_of_a_group_are_those_of_its_learners(brought: OpenDataset, question: str) -> None:
    grouped = frame(brought, question, group_by=COLUMN)
    seen = set()
    for group in ("0042", "0043", UNKNOWN):
        own = grouped[grouped["group_name"] == group].drop(columns="group_name").reset_index(drop=True)
        alone = frame(brought, question, learner_ids=members(group)).drop(columns="group_name")
        pd.testing.assert_frame_equal(own, alone, check_dtype=False)
        seen |= {group} if len(own) else set()
    assert set(grouped["group_name"]) == seen
    assert len(seen) >= 2


@pytest.mark.parametrize(
    ("question", "group_by"), [*((each, COLUMN) for each in ROWS), ("evidence", "course")]
)
def test_rows_about_learners_are_counted_by_group(brought: OpenDataset, question: str, group_by: str) -> None:
    rows = frame(brought, question)
    places = [
        f"{course}/{batch}" if isinstance(batch, str) else course
        for course, batch in zip(rows["course_id"], rows["batch_id"], strict=True)
    ]
    rows["group_name"] = rows["learner_id"].map(GROUP_OF) if group_by == COLUMN else places
    found = brought.run(question, {**MORE.get(question, {}), "group_by": group_by}).to_pylist()
    agree(question, rows, found)


@pytest.mark.parametrize("question", question_names())
def test_every_answer_is_filtered_by_any_column(brought: OpenDataset, question: str) -> None:
    wanted = ["0043", UNKNOWN]
    of_them = [each for group in wanted for each in members(group)]
    found = frame(brought, question, people_with={COLUMN: wanted})
    pd.testing.assert_frame_equal(found, frame(brought, question, learner_ids=of_them))


def test_several_columns_have_to_fit(brought: OpenDataset) -> None:
    for departments, learners_ in (("Sales", 4), ("HR", None)):
        found = frame(
            brought,
            "completion_over_time",
            people_with={COLUMN: "0042"},
            departments=departments,
            since=TODAY,
        )
        assert found["learners"].tolist() == ([learners_] if learners_ else [])


def test_who_is_not_in_the_file_is_found_by_the_word(brought: OpenDataset) -> None:
    found = frame(brought, "completion_over_time", departments=[UNKNOWN], since=TODAY)
    assert found["learners"].tolist() == [2]


def test_without_a_people_file_all_are_unknown(opened: OpenDataset) -> None:
    for question in question_names():
        grouped = frame(opened, question, group_by="department")
        assert set(grouped["group_name"]) <= {UNKNOWN}, question
    found = frame(opened, "evidence", departments=["unknown"])
    assert len(found) == len(frame(opened, "evidence"))


@pytest.mark.parametrize(
    ("question", "given", "told"),
    [
        ("overdue", {"group_by": "colour"}, "group_by: 'colour' is unknown; use one of: course, entity_type"),
        ("overdue", {"group_by": "learner_id"}, "cost_centre, status"),
        ("learning_gain", {"group_by": "entity_type"}, "'entity_type' is unknown; use one of: course, dep"),
        (
            "overdue",
            {"people_with": {"colour": ["red"]}},
            "no column 'colour' to filter by; there are: depart",
        ),
        ("overdue", {"people_with": ["Sales"]}, "is no mapping; name columns and their values"),
        ("overdue", {"people_with": {COLUMN: [42]}}, "people_with: 42 is no text"),
        (
            "overdue",
            {"people_with": {"department": "A"}, "departments": "B"},
            "departments is among people_with",
        ),
        ("completion_over_time", {"partial_days": []}, "has no parameter 'partial_days'"),
    ],
)
def test_what_can_not_be_is_told_with_what_there_is(
    brought: OpenDataset, question: str, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(UnknownParameter, match=told):
        brought.run(question, given)


def test_a_column_may_be_called_as_anything(published: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"learner_id,people with,said,it's\n{EVERYBODY[0]},A,B,C\n")
    with Dataset.at(published).open(people=path, threads=1) as one:
        for column, value in zip(one.people_columns[-3:], ("A", "B", "C"), strict=True):
            found = one.run("evidence", {"group_by": column, "people_with": {column: [value]}})
            assert found["group_name"].to_pylist() == [value]


def test_frames_have_the_columns_of_the_people_file(published: Path, people: Path) -> None:
    rows = progress(published, people=people)
    centres = rows["learner_id"].map(GROUP_OF).replace(UNKNOWN, None)
    assert rows[COLUMN].fillna("").tolist() == centres.fillna("").tolist()
    assert rows["people_status"].dropna().str.startswith("S").all()
    assert len(rows) == len(progress(published))
    for ask in (coverage, learners):
        frame_ = ask(published, people=people)
        assert set(frame_[COLUMN].dropna()) == {"0042", "0043"}
        assert len(frame_) == len(ask(published))
    with pytest.raises(NoDataset):
        changes(published, people=people)


def test_an_answer_is_a_frame_too(
    published: Path, people: Path, deadlines: Path, brought: OpenDataset
) -> None:
    found = answer(published, "overdue", people=people, deadlines=deadlines, group_by=COLUMN, days=2)
    assert found["items"].sum() == frame(brought, "overdue", days=2).shape[0] > 0
    assert found.to_dict("records") == brought.run("overdue", {"group_by": COLUMN, "days": 2}).to_pylist()
    with pytest.raises(UnknownParameter, match="overdue has no parameter 'day'"):
        answer(published, "overdue", day=1)
