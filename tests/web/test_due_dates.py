"""The page by due dates: its figures are those of the questions in SQL, and of pandas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.published_days import DAYS, course_of, courses
from tests.web.house import Background, House, progress_dag
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.frames import progress
from zoho_people.reading.opened import OpenDataset
from zoho_people.storage.schema import CHANGES_SCHEMA
from zoho_people.web.keeper import Keeper

pytestmark = pytest.mark.component

LATEST = DAYS[-1]
FIRST, SECOND, _, FREE = (course_of(*each) for each in courses())
DUE = {
    FIRST.course_id: str(LATEST - timedelta(days=4)),
    SECOND.course_id: str(DAYS[0] + timedelta(days=40)),
}
"""A day for the first course; forty days for the second one."""
UNDATED = "no due date"
COUNTED = ("learners", "entities", "completed", "learners_behind", "open_mandatory")


@pytest.fixture(scope="module")
def deadlines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brought") / "deadlines.csv"
    path.write_text(
        f"course_id,due_date,due_days\n{FIRST.course_id},{DUE[FIRST.course_id]},\n{SECOND.course_id},,40\n"
    )
    return path


@pytest.fixture
def dated(house: House, later: Background, deadlines: Path) -> House:
    """All days are counted, so all due dates are known."""
    house.variables = {"zoho_eu_deadlines": str(deadlines)}
    asked(house, "options")
    later.run()
    return house


@pytest.fixture(scope="module")
def opened(published: Path, deadlines: Path) -> Iterator[OpenDataset]:
    with Dataset.at(published).open(deadlines=deadlines, threads=1) as one:
        yield one


@pytest.fixture(scope="module")
def rows(published: Path) -> pd.DataFrame:
    """The latest day's rows with their due dates, by pandas."""
    frame = progress(published, with_names=False)
    is_done = frame["status"].str.strip().str.lower().eq("completed").fillna(False).astype(bool)
    due = frame["course_id"].map(DUE).fillna(UNDATED).astype(object)
    return frame.assign(
        due=due, is_done=is_done, is_open=frame["is_mandatory"].eq(True).fillna(False) & ~is_done
    )


def asked(house: House, name: str, user: str = "hr", **given: Any) -> Any:
    answer = house.client(user).get(f"/api/{name}", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def figures(rows: pd.DataFrame) -> tuple[int, ...]:
    still = rows[rows["is_open"]]
    return (
        *(rows["learner_id"].nunique(), len(rows), int(rows["is_done"].sum())),
        *(still["learner_id"].nunique(), len(still)),
    )


@pytest.mark.parametrize("column", ["due_date", "due_month"])
def test_the_overview_by_due_date(dated: House, opened: OpenDataset, rows: pd.DataFrame, column: str) -> None:
    shown = asked(dated, "overview", user="reader", group_by=column)["groups"]
    names = rows["due"].where(rows["due"] == UNDATED, rows["due"].str[: 7 if column == "due_month" else None])
    truth = {name: figures(each) for name, each in rows.groupby(names)}
    assert {row["group_name"]: tuple(row[name] for name in COUNTED) for row in shown["rows"]} == truth
    assert set(truth) == {*names, UNDATED}
    gaps = opened.run("coverage_gaps", {"group_by": column}).to_pylist()
    unknown = {row["group_name"]: row["unknown_units"] for row in shown["rows"] if row["unknown_units"]}
    assert unknown == {row["group_name"]: row["units"] for row in gaps} != {}
    late = {row["group_name"]: row["items_overdue"] for row in shown["rows"] if row["items_overdue"]}
    told = opened.run("overdue", {"group_by": column}).to_pylist()
    assert late == {row["group_name"]: row["items"] for row in told} != {}
    told = opened.run("completion_over_time", {"group_by": column}).to_pylist()
    assert {(row["snapshot_date"], row["group_name"], row["completed"]) for row in shown["over_time"]} == {
        (str(row["snapshot_date"]), row["group_name"], row["completed"]) for row in told
    }


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"due_from": DUE[SECOND.course_id]}, [DUE[SECOND.course_id]]),
        ({"due_until": LATEST.isoformat()}, [DUE[FIRST.course_id]]),
        ({"due_date": [DUE[FIRST.course_id], UNDATED]}, [DUE[FIRST.course_id], UNDATED]),
        ({"due_month": UNDATED, "department": "unknown"}, [UNDATED]),
    ],
)
def test_every_view_is_filtered_by_due_dates(
    dated: House, rows: pd.DataFrame, given: dict[str, Any], wanted: list[str]
) -> None:
    own = rows[rows["due"].isin(wanted)]
    learners, entities, completed, _, still_open = figures(own)
    overview = asked(dated, "overview", **given)
    assert sum(row["entities"] for row in overview["by_entity_type"]) == entities
    assert sum(row["completed"] for row in overview["by_course"]) == completed
    assert overview["over_time"][-1]["entities"] == entities
    assert 0 < overview["freshness"]["units"] < asked(dated, "overview")["freshness"]["units"]
    behind = asked(dated, "behind", limit=1_000, **given)
    assert sum(row["open_mandatory"] for row in behind["rows"]) == still_open > 0
    assert {row["due_date"] or UNDATED for row in behind["rows"]} == set(wanted)
    found = asked(dated, "learners", limit=1_000, **given)
    assert (found["total"], sum(row["entities"] for row in found["rows"])) == (learners, entities)
    for ending in ("csv", "parquet"):
        content = dated.client("hr").get(f"/api/behind.{ending}", params=given).content
        if ending == "csv":
            ids = [row["learner_id"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
        else:
            ids = pq.read_table(io.BytesIO(content))["learner_id"].to_pylist()
        assert sorted(ids) == sorted(row["learner_id"] for row in behind["rows"])


def test_a_course_and_who_is_behind_by_due_date(dated: House, rows: pd.DataFrame) -> None:
    for course in (FIRST, FREE):
        own = rows[rows["course_id"] == course.course_id]
        name = DUE.get(course.course_id, UNDATED)
        (group,) = asked(dated, "course", course=str(course), group_by="due_date")["groups"]["rows"]
        assert (group["group_name"], *(group[each] for each in COUNTED)) == (name, *figures(own))
        other = asked(dated, "course", course=str(course), due_from="2030-01-01")
        assert (other["entities"], other["behind"]) == ([], [])
    shown = asked(dated, "behind", group_by="due_date", due_until=str(LATEST))["groups"]["rows"]
    still = rows[rows["is_open"] & (rows["due"] == DUE[FIRST.course_id])]
    assert [(row["group_name"], row["open_mandatory"]) for row in shown] == [
        (DUE[FIRST.course_id], len(still))
    ]


def test_changes_by_due_date(house: House, later: Background, deadlines: Path, output: Path) -> None:
    rows = progress(output)[["course_id", "batch_id", "learner_id", "entity_type", "entity_id"]]
    more = {"change": "completed", "previous_snapshot_date": DAYS[-2], "dag_run_id": "run"}
    told = [{**row, **more} for row in rows.astype(object).where(rows.notna(), None).to_dict("records")]
    left = [{**row, "learner_id": "253299999999999999", "change": "gone"} for row in told]
    told += left  # who has left is in no other file any more
    folder = output / "changes" / f"snapshot_date={LATEST}"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(told, schema=CHANGES_SCHEMA), folder / "course-1.parquet")
    house.known = [progress_dag("zoho_eu", str(output))]
    house.variables = {"zoho_eu_deadlines": str(deadlines)}
    asked(house, "options")
    later.run()
    counted = rows["course_id"].map(DUE).fillna(UNDATED).value_counts().to_dict()
    shown = asked(house, "overview", group_by="due_date")["groups"]["rows"]
    assert {row["group_name"]: row["changes"]["completed"] for row in shown} == counted
    narrowed = asked(house, "overview", due_date=DUE[FIRST.course_id])["changes"]["by_change"]
    assert narrowed == dict.fromkeys(("completed", "gone"), counted[DUE[FIRST.course_id]])
    # Nobody knows the first day of who has left a course whose due dates count from it.
    narrowed = asked(house, "overview", due_date=UNDATED)["changes"]["by_change"]
    assert narrowed == {
        "completed": counted[UNDATED],
        "gone": counted[UNDATED] + counted[DUE[SECOND.course_id]],
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"due_from": "soon"}, "due_from: 'soon' is no day; write YYYY-MM-DD"),
        ({"due_from": ["2026-01-01", "2026-01-02"]}, "due_from is there more than once; name one day"),
        ({"due_month": "2026"}, "due_month: '2026' is no month; write YYYY-MM, or no due date"),
        (
            {"group_by": "due_until", "due_until": "2026-01-01"},
            "there is no column 'due_until'; use one of: ",
        ),
        ({"people.due_date": "x"}, "the parameter 'people.due_date' is unknown here"),
    ],
)
def test_a_due_date_that_can_not_be_is_told(dated: House, given: dict[str, Any], told: str) -> None:
    answer = dated.client("hr").get("/api/behind", params=given)
    assert answer.status_code == 400
    assert f"{answer.json()['detail']['problem']}; {answer.json()['detail']['cure']}".startswith(told)


def test_there_is_a_choice_where_there_are_deadlines(dated: House) -> None:
    for user in ("hr", "reader"):
        assert asked(dated, "options", user=user)["group_by"] == ["due_date", "due_month"]
    dated.variables = {}
    assert asked(dated, "options")["group_by"] == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"group_by": "due_month"}, "due_month"),
        ({"due_from": "2026-01-01"}, "due_from"),
        ({"due_date": UNDATED}, "due_date"),
    ],
)
def test_due_dates_that_nobody_knows_are_not_made_up(
    house: House, background: Background, tmp_path: Path, deadlines: Path, given: dict[str, str], name: str
) -> None:
    answer = house.client("hr").get("/api/overview", params=given)
    told = answer.json()["detail"]
    assert (answer.status_code, told["problem"]) == (400, f"{name} needs due dates, and none are known")
    assert told["cure"].endswith("the Variable that ends in _deadlines")
    house.variables = {"zoho_eu_deadlines": str(deadlines)}
    with closing(Keeper(tmp_path / "kept", in_background=background)) as house.keeper:
        answer = house.client("hr").get("/api/overview", params=given)
    told = answer.json()["detail"]
    assert (answer.status_code, told["cure"]) == (503, "try again soon")
    assert "days are still being counted" in told["problem"]
