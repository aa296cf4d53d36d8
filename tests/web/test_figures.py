"""Every figure of the page against the questions in SQL, and against pandas, on the same data."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.helpers.published_days import DAYS, FAILED, LEFT, NEVER_ASKED, STALE, learner_id
from tests.web.house import Background, House
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.frames import coverage, progress
from zoho_people.reading.opened import OpenDataset
from zoho_people.web.keeper import Keeper

pytestmark = pytest.mark.component

LATEST = DAYS[-1]
KEYS = ["course_id", "batch_id"]


@pytest.fixture(scope="module")
def opened(published: Path) -> Any:
    """The same data as anybody opens it: whole, and with nothing counted beforehand."""
    with Dataset.at(published).open(threads=1) as one:
        yield one


@pytest.fixture(scope="module")
def rows(published: Path) -> pd.DataFrame:
    """The latest day's rows, by pandas."""
    frame = progress(published, with_names=False)
    done = frame["status"].str.strip().str.lower() == "completed"
    return frame.assign(is_done=done.fillna(False).astype(bool))


@pytest.fixture
def unasked(house: House, background: Background, tmp_path: Path) -> Iterator[House]:
    """The house with a keeper that has opened and counted nothing yet."""
    with closing(Keeper(tmp_path / "kept", in_background=background)) as house.keeper:
        yield house


def asked(house: House, name: str, **given: Any) -> Any:
    answer = house.client("hr").get(f"/api/{name}", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def picked(found: list[dict[str, Any]], *names: str) -> set[tuple[Any, ...]]:
    """The values of some columns, each number to what the order of adding leaves the same."""
    return {tuple(_rounded(row[name]) for name in names) for row in found}


def _rounded(value: Any) -> Any:
    return round(value, 12) if isinstance(value, float) else value


def questioned(opened: OpenDataset, question: str, *names: str, **given: Any) -> set[tuple[Any, ...]]:
    return picked(opened.run(question, given).to_pylist(), *names)


def test_completion_by_course(house: House, opened: OpenDataset, rows: pd.DataFrame) -> None:
    shown = asked(house, "overview")["by_course"]
    figures = ("learners", "entities", "completed", "share")
    assert picked(shown, *KEYS, "name", *figures) == questioned(
        opened, "completion_by_course", *KEYS, "course_name", *figures
    )
    counted = rows.groupby(KEYS, dropna=False).agg(
        learners=("learner_id", "nunique"), entities=("entity_id", "size"), completed=("is_done", "sum")
    )
    assert picked(shown, "learners", "entities", "completed") == set(
        counted.itertuples(index=False, name=None)
    )


def test_completion_by_entity_type(house: House, rows: pd.DataFrame) -> None:
    shown = asked(house, "overview")["by_entity_type"]
    counted = rows.groupby("entity_type")["is_done"].agg(["size", "sum"]).reset_index()
    assert picked(shown, "entity_type", "entities", "completed") == set(
        counted.itertuples(index=False, name=None)
    )
    assert all(row["share"] == row["completed"] / row["entities"] for row in shown)


def test_completion_over_time_once_all_days_are_counted(
    unasked: House, background: Background, opened: OpenDataset, published: Path
) -> None:
    first = asked(unasked, "overview")
    assert (first["pending_days"], len(first["over_time"])) == (len(DAYS) - 1, 1)
    background.run()
    shown = asked(unasked, "overview")
    assert shown["pending_days"] == 0
    figures = ("entities", "completed", "share")
    told = questioned(opened, "completion_over_time", "snapshot_date", *figures)
    assert picked(shown["over_time"], "snapshot_date", *figures) == {(str(day), *rest) for day, *rest in told}
    assert [row["entities"] for row in shown["over_time"]] == [
        len(progress(published, day, with_names=False)) for day in DAYS
    ]


def test_how_complete_and_how_old_it_is(house: House, opened: OpenDataset, published: Path) -> None:
    shown = asked(house, "overview")["freshness"]
    gaps = opened.run("coverage_gaps", {}).to_pylist()
    assert shown["unknown_units"] == len(gaps) > 0
    units = opened.run("evidence", {}).to_pylist()
    kinds = {(row["course_id"], row["batch_id"], row["learner_id"], row["entity_type"]) for row in units}
    assert shown["units"] == len(kinds) == sum(shown["by_outcome"].values())
    told = coverage(published)
    asked_for = told["outcome"].value_counts().to_dict()
    assert {name: shown["by_outcome"].get(name) for name in asked_for} == asked_for
    fetched = told.loc[told["outcome"].isin(["fetched", "empty"]), "fetched_at"]
    assert pd.Timestamp(shown["newest_fetched_at"]) == fetched.max()
    assert pd.Timestamp(shown["oldest_fetched_at"]) == fetched.min()


def test_who_is_behind(house: House, opened: OpenDataset, rows: pd.DataFrame) -> None:
    shown = asked(house, "behind", limit=1_000)
    items = opened.run("open_mandatory", {}).to_pandas()
    assert shown["total"] == len(shown["rows"]) == len(items.groupby([*KEYS, "learner_id"], dropna=False))
    assert sum(row["open_mandatory"] for row in shown["rows"]) == len(items)
    still_open = rows[rows["is_mandatory"].fillna(False).astype(bool) & ~rows["is_done"]]
    assert sum(row["open_mandatory"] for row in shown["rows"]) == len(still_open)


def test_a_course(house: House, opened: OpenDataset, rows: pd.DataFrame) -> None:
    for course in asked(house, "options")["courses"]:
        named = "/".join(filter(None, (course["course_id"], course["batch_id"])))
        shown = asked(house, "course", course=named)
        own = rows[(rows["course_id"] == course["course_id"])]
        if course["batch_id"]:
            own = own[own["batch_id"] == course["batch_id"]]
        assert shown["course"]["entities"] == len(own)
        assert shown["course"]["learners"] == own["learner_id"].nunique()
        counted = own.groupby(["entity_type", "entity_id"])["is_done"].agg(["size", "sum"]).reset_index()
        figures = ("entity_type", "entity_id", "learners", "completed")
        assert picked(shown["entities"], *figures) == set(counted.itertuples(index=False, name=None))
        marked = [row for row in shown["entities"] if row["mean_mark"] is not None]
        assert picked(marked, "entity_id", "mean_mark", "spread", "share_passed") == questioned(
            opened, "test_difficulty", "entity_id", "mean_share", "spread", "share_passed", courses=[named]
        )
        assert picked(shown["attendance"], "entity_id", "attended", "learners", "share") == questioned(
            opened, "attendance", "entity_id", "attended", "learners", "share", courses=[named]
        )
        assert {row["course_id"] for row in shown["behind"]} <= {course["course_id"]}


def test_a_learner(house: House, opened: OpenDataset, rows: pd.DataFrame, later: Background) -> None:
    asked(house, "snapshots")
    items = opened.run("open_mandatory", {}).to_pylist()
    listed = asked(house, "learners")["rows"]
    assert len(listed) == rows["learner_id"].nunique()
    for learner in listed:
        own = rows[rows["learner_id"] == learner["learner_id"]]
        assert (learner["entities"], learner["completed"]) == (len(own), own["is_done"].sum())
    special = {learner_id(number) for number in (NEVER_ASKED, FAILED, STALE, LEFT)}
    usual = [learner for learner in listed if learner["learner_id"] not in special]
    for learner in [*(each for each in listed if each["learner_id"] in special), usual[0], usual[-1]]:
        shown = asked(house, "learner", learner_id=learner["learner_id"])
        later.run()
        assert learner["entities"] == sum(row["entities"] for row in shown["courses"])
        assert shown["learner"]["name"] == learner["name"]
        own_items = [item for item in items if item["learner_id"] == learner["learner_id"]]
        assert picked(shown["open_mandatory"], *KEYS, "entity_id") == picked(own_items, *KEYS, "entity_id")
    history = asked(house, "learner", learner_id=learner["learner_id"])["history"]
    assert [row["snapshot_date"] for row in history] == [str(day) for day in DAYS]


@pytest.mark.parametrize("given", [{"entity_type": "files"}, {"entity_type": ["links", "sessions"]}])
def test_filters_are_those_of_the_questions(house: House, opened: OpenDataset, given: dict[str, Any]) -> None:
    types = given["entity_type"] if isinstance(given["entity_type"], list) else [given["entity_type"]]
    shown = asked(house, "overview", **given)
    assert picked(shown["by_course"], *KEYS, "completed") == questioned(
        opened, "completion_by_course", *KEYS, "completed", entity_types=types
    )
    assert {row["entity_type"] for row in shown["by_entity_type"]} == set(types)


def test_an_earlier_day_is_as_it_was(house: House, published: Path) -> None:
    shown = asked(house, "overview", snapshot_date=str(DAYS[0]))
    assert sum(row["entities"] for row in shown["by_course"]) == len(progress(published, DAYS[0]))
    assert [row["snapshot_date"] for row in shown["over_time"]] == [str(DAYS[0])]


def test_downloads_have_all_rows_and_the_same_figures(house: House) -> None:
    shown = asked(house, "behind", limit=1_000)["rows"]
    browser = house.client("hr")
    parquet = pq.read_table(io.BytesIO(browser.get("/api/behind.parquet").content)).to_pylist()
    csv = pd.read_csv(io.BytesIO(browser.get("/api/behind.csv").content), dtype=str)
    figures = ("learner_id", "course_id", "open_mandatory", "completed")
    assert picked(parquet, *figures) == picked(shown, *figures)
    assert csv["learner_id"].tolist() == [row["learner_id"] for row in shown]
    assert csv["open_mandatory"].astype(int).tolist() == [row["open_mandatory"] for row in shown]
