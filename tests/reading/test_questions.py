"""Each question's answer, computed once more by pandas from the bare files."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.helpers.published_days import DAYS, FAILED, NEVER_ASKED, STALE, learner_id
from zoho_people.model.completion import is_completed
from zoho_people.model.entity_type import ENTITY_TYPE_NAMES
from zoho_people.reading.opened import OpenDataset
from zoho_people.reading.questions import question_names

pytestmark = pytest.mark.component
TODAY = DAYS[-1]
COURSE = ["course_id", "batch_id"]
MEMBER = [*COURSE, "learner_id"]
UNIT = [*MEMBER, "entity_type"]
ROW = [*UNIT, "entity_id"]
TEST = [*COURSE, "entity_type", "entity_id"]
Rows = dict[tuple[Any, ...], Any]


@pytest.fixture(scope="module")
def rows(published: Path) -> pd.DataFrame:
    """All rows of all days, read without the project."""
    frame = table_of(published / "learner_progress")
    frame["done"] = [is_completed(text) if isinstance(text, str) else False for text in frame["status"]]
    frame["share"] = frame["user_mark"] / frame["max_mark"].where(frame["max_mark"] > 0)
    return frame


@pytest.fixture(scope="module")
def today(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["snapshot_date"] == TODAY]


@pytest.fixture(scope="module")
def coverage(published: Path) -> pd.DataFrame:
    frame = table_of(published / "coverage")
    return frame[frame["snapshot_date"] == TODAY]


def table_of(folder: Path) -> pd.DataFrame:
    frame = pq.read_table(folder, partitioning="hive").to_pandas()
    frame["batch_id"] = frame["batch_id"].fillna("")
    for column in ("entity_type", "snapshot_date"):
        frame[column] = frame[column].astype(str)
    frame["snapshot_date"] = frame["snapshot_date"].map(date.fromisoformat)
    return frame


def found(opened: OpenDataset, question: str, key: list[str], *values: str, **parameters: Any) -> Rows:
    """The answer's *values* by *key*; each key once."""
    answer = opened.run(question, parameters).to_pylist()
    keys = [tuple(row[name] or "" if name == "batch_id" else row[name] for name in key) for row in answer]
    assert len(set(keys)) == len(keys)
    return {one: tuple(row[name] for name in values) for one, row in zip(keys, answer, strict=True)}


def expected(frame: pd.DataFrame, key: list[str], compute: Callable[[pd.DataFrame], Iterable[Any]]) -> Rows:
    """The same by pandas: what *compute* makes of the rows of each *key*."""
    return {keys: tuple(map(plain, compute(group))) for keys, group in frame.groupby(key)}


def plain(value: Any) -> Any:
    """*value* as DuckDB's answer has it: null where pandas has NaN."""
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.item() if hasattr(value, "item") else value


def agree(one: Rows, other: Rows) -> None:
    """That both are the same, and not nothing."""
    assert one.keys() == other.keys()
    assert one
    for key, values in one.items():
        assert values == pytest.approx(other[key]), key


def test_evidence_tells_done_open_nothing_unknown_and_left(
    opened: OpenDataset, today: pd.DataFrame, coverage: pd.DataFrame
) -> None:
    states = found(opened, "evidence", ROW, "state", "why")
    truth: Rows = {
        tuple(key): ("done" if done else "open", "fetched")
        for *key, done in today[[*ROW, "done"]].itertuples(index=False)
    }
    for *unit, outcome, count in coverage[[*UNIT, "outcome", "rows"]].itertuples(index=False):
        if outcome == "failed" and count:
            truth |= {key: (state, "failed") for key, (state, _) in truth.items() if key[:4] == tuple(unit)}
        elif not count:
            truth[*unit, None] = ({"empty": "nothing", "left": "left"}.get(outcome, "unknown"), outcome)
    first_course = str(min(map(int, coverage["course_id"])))
    for kind in ENTITY_TYPE_NAMES:
        if kind != "sessions":
            truth[first_course, "", learner_id(NEVER_ASKED), kind, None] = ("unknown", "never asked")
    agree(states, truth)
    assert {state for state, _ in states.values()} == {"done", "open", "nothing", "unknown", "left"}


def test_evidence_says_as_of_when(opened: OpenDataset) -> None:
    answer = opened.run("evidence", {"learner_ids": [learner_id(FAILED), learner_id(STALE)]}).to_pylist()
    failed = [row for row in answer if row["why"] == "failed"]
    assert {row["known_at"].date() for row in failed if row["entity_id"]} == {DAYS[0]}
    assert {row["known_at"] for row in failed if row["learner_id"] == learner_id(FAILED)} == {None}
    assert {row["error"] for row in failed} == {"Zoho answered 500"}


def test_a_state_at_an_earlier_date_is_that_of_its_snapshot(opened: OpenDataset, rows: pd.DataFrame) -> None:
    then = rows[rows["snapshot_date"] == DAYS[1]]
    states = found(opened, "evidence", ROW, "state", snapshot_date=DAYS[1])
    done = {key for key, (state,) in states.items() if state == "done"}
    assert done == set(then[then["done"]][ROW].itertuples(index=False, name=None))


@pytest.mark.parametrize("group", [None, "course", "entity_type"])
def test_completion_over_time(opened: OpenDataset, rows: pd.DataFrame, group: str | None) -> None:
    values = ("learners", "entities", "completed", "share")
    answer = found(opened, "completion_over_time", ["snapshot_date", "group_name"], *values, group_by=group)
    places = rows["course_id"] + rows["batch_id"].map(lambda batch: f"/{batch}" if batch else "")
    grouped = rows.assign(group_name={None: "", "course": places}.get(group, rows["entity_type"]))
    truth = expected(
        grouped,
        ["snapshot_date", "group_name"],
        lambda each: (each["learner_id"].nunique(), len(each), each["done"].sum(), each["done"].mean()),
    )
    agree(answer, truth if group else {(day, None): values for (day, _), values in truth.items()})


def test_completion_over_time_begins_when_it_is_told_to(opened: OpenDataset) -> None:
    answer = opened.run(
        "completion_over_time", {"since": DAYS[0] + timedelta(days=1), "snapshot_date": DAYS[1]}
    )
    assert answer["snapshot_date"].to_pylist() == [DAYS[1]]


def test_completion_by_course(opened: OpenDataset, today: pd.DataFrame) -> None:
    values = (
        "learners",
        "learners_done",
        "entities",
        "completed",
        "share",
        "mandatory",
        "mandatory_completed",
    )
    answer = found(opened, "completion_by_course", COURSE, *values)

    def compute(each: pd.DataFrame) -> Iterable[Any]:
        mandatory = each[each["is_mandatory"].eq(True)]
        throughs = each.groupby("learner_id")["done"].all().sum()
        learners, done = each["learner_id"].nunique(), each["done"]
        return learners, throughs, len(each), done.sum(), done.mean(), len(mandatory), mandatory["done"].sum()

    agree(answer, expected(today, COURSE, compute))


def test_courses_and_learners_are_named(opened: OpenDataset, published: Path) -> None:
    names = {row["course_name"] for row in opened.run("completion_by_course").to_pylist()}
    courses = pq.read_table(published / "courses", partitioning="hive").to_pandas()
    assert {name.partition(" / Batch")[0] for name in names} == set(
        courses[courses["batch_id"].isna()]["name"]
    )
    assert sum(" / Batch" in name for name in names) == 2
    people = opened.run("open_mandatory").to_pylist()
    assert all(person["email"].startswith("learner") and person["learner_name"] for person in people)


def test_open_mandatory(opened: OpenDataset, today: pd.DataFrame) -> None:
    is_open = today["is_mandatory"].eq(True) & ~today["done"]
    answer = found(opened, "open_mandatory", ROW, "status", "due_date", "days_overdue")
    truth = expected(today[is_open], ROW, lambda each: (each["status"].iloc[0], None, None))
    agree(answer, truth)


def test_nothing_is_overdue_without_deadlines(opened: OpenDataset) -> None:
    assert opened.run("overdue").num_rows == 0


@pytest.mark.parametrize(
    ("given", "before"), [({}, DAYS[0]), ({"compared_with": DAYS[1] + timedelta(days=2)}, DAYS[1])]
)
def test_completed_since(
    opened: OpenDataset, rows: pd.DataFrame, given: dict[str, Any], before: date
) -> None:
    done = {day: rows[(rows["snapshot_date"] == day) & rows["done"]] for day in (before, TODAY)}
    keys = {day: set(each[ROW].itertuples(index=False, name=None)) for day, each in done.items()}
    answer = found(opened, "completed_since", ROW, "compared_with", **given)
    agree(answer, dict.fromkeys(keys[TODAY] - keys[before], (before,)))


def test_nothing_was_completed_since_a_snapshot_that_there_is_not(opened: OpenDataset) -> None:
    assert opened.run("completed_since", {"snapshot_date": DAYS[0]}).num_rows == 0


@pytest.mark.parametrize("mandatory_only", [False, True])
def test_time_to_complete(opened: OpenDataset, rows: pd.DataFrame, mandatory_only: bool) -> None:
    kinds = ["feedbacks"]
    values = (
        "learners",
        "learners_timed",
        "learners_before",
        "learners_not_done",
        "median_days",
        "longest_days",
    )
    chosen = {"entity_types": kinds, "mandatory_only": mandatory_only}
    answer = found(opened, "time_to_complete", COURSE, *values, **chosen)
    of_kinds = rows[rows["entity_type"].isin(kinds)]

    def is_through(each: pd.DataFrame) -> bool:
        counted = each[each["is_mandatory"].eq(True)] if mandatory_only else each
        return bool(len(counted) and counted["done"].all())

    def compute(place: pd.DataFrame) -> Iterable[Any]:
        days = []
        for _, member in place.groupby("learner_id"):
            through = [day for day, each in member.groupby("snapshot_date") if is_through(each)]
            days.append((min(through) - member["snapshot_date"].min()).days if through else None)
        timed = pd.Series([each for each in days if each])
        return len(days), len(timed), days.count(0), days.count(None), timed.median(), timed.max()

    agree(answer, expected(of_kinds, COURSE, compute))
    assert sum(timed for _, timed, *_ in answer.values()) > 0


@pytest.mark.parametrize("days", [3, 9])
def test_stalled_learners(opened: OpenDataset, rows: pd.DataFrame, days: int) -> None:
    values = ("last_change", "is_exact", "days_unchanged", "entities", "completed")
    answer = found(opened, "stalled_learners", MEMBER, *values, days=days)
    truth: Rows = {}
    for member, every in rows.groupby(MEMBER):
        states = {day: state_of(every[every["snapshot_date"] == day]) for day in DAYS}
        same = next(number for number in range(len(DAYS)) if len({states[day] for day in DAYS[number:]}) == 1)
        last = every[every["snapshot_date"] == TODAY]
        unchanged = (TODAY - DAYS[same]).days
        if len(last) and not last["done"].all() and unchanged >= days:
            truth[member] = (DAYS[same], same > 0, unchanged, len(last), int(last["done"].sum()))
    agree(answer, truth)


def state_of(each: pd.DataFrame) -> frozenset[tuple[Any, ...]]:
    columns = ["entity_type", "entity_id", "status", "user_mark"]
    return frozenset(each[columns].astype(str).itertuples(index=False, name=None))


@pytest.mark.parametrize("pass_share", [None, 0.7])
def test_test_difficulty(opened: OpenDataset, today: pd.DataFrame, pass_share: float | None) -> None:
    values = ("learners", "learners_without_mark", "mean_share", "spread", "pass_share", "share_passed")
    answer = found(opened, "test_difficulty", TEST, *values, pass_share=pass_share)

    def compute(each: pd.DataFrame) -> Iterable[Any]:
        marks = each["share"].dropna()
        told = [json.loads(text).get("passPercentage") for text in each["attributes"]]
        limit = 0.4 if any(told) else pass_share or 0.5
        return len(marks), len(each) - len(marks), marks.mean(), marks.std(), limit, (marks >= limit).mean()

    marked = today.groupby(TEST).filter(lambda each: each["share"].notna().any())
    agree(answer, expected(marked, TEST, compute))
    assert {limit for *_, limit, _ in answer.values()} == {0.4, pass_share or 0.5}


def test_test_discrimination(opened: OpenDataset, today: pd.DataFrame) -> None:
    answer = found(opened, "test_discrimination", TEST, "learners", "discrimination", least_learners=5)
    marked = today[today["share"].notna()].copy()
    sums = marked.groupby(MEMBER)["share"]
    marked["rest"] = (sums.transform("sum") - marked["share"]) / (sums.transform("count") - 1)
    marked = marked[sums.transform("count") > 1]
    marked = marked.groupby(TEST).filter(lambda each: len(each) >= 5)
    agree(answer, expected(marked, TEST, lambda each: (len(each), each["share"].corr(each["rest"]))))


def test_attempts_exhausted(opened: OpenDataset, today: pd.DataFrame) -> None:
    answer = found(opened, "attempts_exhausted", ROW, "attempts", "pass_share")
    truth: Rows = {}
    for row in today.to_dict("records"):
        told = json.loads(row["attributes"])
        attempts = len(told["attempts"]) if "attempts" in told else None
        limit = told.get("passPercentage", 50) / 100
        is_out = attempts is not None and attempts >= row["maximum_attempts_allowed"]
        if is_out and (not row["done"] or row["share"] < limit):
            truth[tuple(row[name] for name in ROW)] = (attempts, limit)
    agree(answer, truth)


def test_learning_gain(opened: OpenDataset, today: pd.DataFrame) -> None:
    values = ("learners", "learners_one_only", "mean_before", "mean_after", "mean_gain", "normalised_gain")
    answer = found(opened, "learning_gain", COURSE, *values)
    kinds = ["pre_learning_tests", "post_learning_tests"]
    marked = today[today["entity_type"].isin(kinds) & today["share"].notna()]

    def compute(each: pd.DataFrame) -> Iterable[Any]:
        means = each.pivot_table(index="learner_id", columns="entity_type", values="share").reindex(
            columns=kinds
        )
        both = means.dropna()
        before, after = both[kinds[0]].mean(), both[kinds[1]].mean()
        normalised = (after - before) / (1 - before)
        return len(both), len(means) - len(both), before, after, after - before, normalised

    agree(answer, expected(marked, COURSE, compute))
    assert sum(learners for learners, *_ in answer.values()) > 0


def test_attendance(opened: OpenDataset, today: pd.DataFrame) -> None:
    key = [*COURSE, "entity_id"]
    answer = found(opened, "attendance", key, "attended", "learners", "share", "learners_unknown")
    sessions = today[today["entity_type"] == "sessions"]
    truth = expected(sessions, key, lambda each: (each["done"].sum(), len(each), each["done"].mean(), 0))
    agree(answer, truth)


def test_coverage_gaps(opened: OpenDataset, coverage: pd.DataFrame) -> None:
    answer = found(opened, "coverage_gaps", UNIT, "why", "rows", "days_old")
    failed = coverage[coverage["outcome"] == "failed"]
    truth = expected(
        failed,
        UNIT,
        lambda each: ("failed", each["rows"].iloc[0], 9 if each["rows"].iloc[0] else None),
    )
    course = failed["course_id"].iloc[0]
    for kind in ENTITY_TYPE_NAMES:
        if kind != "sessions":
            truth[course, "", learner_id(NEVER_ASKED), kind] = ("never asked", 0, None)
    agree(answer, truth)
    assert {rows for _, rows, _ in answer.values()} > {0}


@pytest.mark.component
def test_every_question_is_answered_for_one_course_or_batch(opened: OpenDataset, today: pd.DataFrame) -> None:
    batch = next(batch for batch in today["batch_id"] if batch)
    course = today[today["batch_id"] == batch]["course_id"].iloc[0]
    for chosen, batches in ((course, 2), (f"{course}/{batch}", 1)):
        answers = {name: opened.run(name, {"courses": [chosen]}) for name in question_names()}
        with_rows = {name: answer for name, answer in answers.items() if answer.num_rows}
        assert len(with_rows) >= 8
        for name, answer in with_rows.items():
            if "course_id" in answer.column_names:
                assert set(answer["course_id"].to_pylist()) == {course}, name
        assert len(set(answers["evidence"]["batch_id"].to_pylist())) == batches
