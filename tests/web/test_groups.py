"""The page's figures by group are those of the questions in SQL, and of pandas; names are told to few."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from upath import UPath

from tests.helpers.published_days import DAYS, ORGANISATION, learner_id
from tests.web.house import Background, House, progress_dag
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.due_columns import DUE_GROUPS
from zoho_people.reading.frames import coverage, progress
from zoho_people.reading.opened import OpenDataset
from zoho_people.storage.schema import CHANGES_SCHEMA
from zoho_people.web.groups import groups
from zoho_people.web.keeper import Keeper
from zoho_people.web.source import Source

pytestmark = pytest.mark.component

LATEST = DAYS[-1]
COLUMN = "cost_centre"
EVERYBODY = [learner_id(number) for number in range(ORGANISATION.learners)]
PEOPLE = ("Sales", "Früchte & Co")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two departments and three centres; two learners are not in it."""
    path = tmp_path_factory.mktemp("people") / "people.csv"
    rows = [
        f"{each},{PEOPLE[number % 2]},Kim Manager,C{number % 3}" for number, each in enumerate(EVERYBODY[:-2])
    ]
    path.write_text("\n".join(["learner_id,department,manager,Cost Centre", *rows]))
    return path


@pytest.fixture(scope="module")
def deadlines(tmp_path_factory: pytest.TempPathFactory, published: Path) -> Path:
    path = tmp_path_factory.mktemp("deadlines") / "deadlines.csv"
    courses = sorted(progress(published)["course_id"].unique())
    path.write_text(
        f"course_id,due_date\n{courses[0]},{LATEST - timedelta(days=4)}\n"
        f"{courses[1]},{LATEST - timedelta(days=1)}\n"
    )
    return path


@pytest.fixture
def brought(house: House, people: Path, deadlines: Path) -> House:
    house.variables = {"zoho_eu_people": str(people), "zoho_eu_deadlines": str(deadlines)}
    return house


@pytest.fixture(scope="module")
def opened(published: Path, people: Path, deadlines: Path) -> Iterator[OpenDataset]:
    """The same data as anybody opens it."""
    with Dataset.at(published).open(people=people, deadlines=deadlines, threads=1) as one:
        yield one


def asked(house: House, name: str, user: str = "hr", **given: Any) -> Any:
    answer = house.client(user).get(f"/api/{name}", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_group(rows: list[dict[str, Any]], *names: str) -> dict[str, tuple[Any, ...]]:
    found = {row["group_name"]: tuple(row[name] for name in names) for row in rows}
    assert len(found) == len(rows) > 1
    return found


def agree(shown: dict[str, tuple[Any, ...]], expected: dict[str, tuple[Any, ...]]) -> None:
    assert shown.keys() == expected.keys()
    for group, values in shown.items():
        assert values == pytest.approx(expected[group]), group


@pytest.mark.parametrize("column", ["department", COLUMN])
def test_completion_and_what_is_to_be_done(
    brought: House, opened: OpenDataset, published: Path, people: Path, column: str
) -> None:
    shown = asked(brought, "overview", group_by=column)["groups"]
    assert (shown["by"], shown["left_out"]) == (column, 0)
    completion = ("learners", "entities", "completed", "share")
    told = opened.run("completion_over_time", {"since": LATEST, "group_by": column}).to_pylist()
    agree(by_group(shown["rows"], *completion), by_group(told, *completion))
    rows = progress(published, people=people)
    rows["is_done"] = rows["status"].str.strip().str.lower().eq("completed").fillna(False).astype(bool)
    counted = rows.groupby(rows[column].fillna("unknown")).agg(
        learners=("learner_id", "nunique"), entities=("entity_id", "size"), completed=("is_done", "sum")
    )
    truth = {name: tuple(map(int, values)) for name, *values in counted.itertuples(name=None)}
    agree(by_group(shown["rows"], "learners", "entities", "completed"), truth)
    items = opened.run("open_mandatory", {"group_by": column}).to_pylist()
    behind = ("learners_overdue", "items_overdue", "mean_days_overdue", "most_days_overdue")
    have_any = [row for row in shown["rows"] if row["open_mandatory"]]
    agree(
        by_group(have_any, "learners_behind", "open_mandatory", *behind),
        by_group(items, "learners", "items", *behind),
    )
    gaps = opened.run("coverage_gaps", {"group_by": column}).to_pylist()
    unknown = {row["group_name"]: row["unknown_units"] for row in shown["rows"] if row["unknown_units"]}
    assert unknown == {row["group_name"]: row["units"] for row in gaps}
    assert sum(unknown.values()) == asked(brought, "overview")["freshness"]["unknown_units"] > 0
    assert len(coverage(published))


def test_completion_over_time_of_the_largest(brought: House, opened: OpenDataset, later: Background) -> None:
    asked(brought, "overview")
    later.run()
    for course in (None, asked(brought, "options")["courses"][0]["course_id"]):
        given = {"course": course} if course else {}
        view = "course" if course else "overview"
        shown = asked(brought, view, group_by="department", **given)["groups"]["over_time"]
        told = opened.run("completion_over_time", {"group_by": "department", "courses": course}).to_pylist()
        picked = {(row["group_name"], row["snapshot_date"], row["completed"]) for row in shown}
        assert picked == {(row["group_name"], str(row["snapshot_date"]), row["completed"]) for row in told}
        assert len({row["snapshot_date"] for row in shown}) == len(DAYS)


def test_a_course_by_group(brought: House, opened: OpenDataset) -> None:
    seen = set()
    for course in asked(brought, "options")["courses"]:
        named = "/".join(filter(None, (course["course_id"], course["batch_id"])))
        shown = asked(brought, "course", course=named, group_by="department")["groups"]["rows"]
        chosen = {"courses": [named], "group_by": "department"}
        completion = ("learners", "entities", "completed", "share")
        told = opened.run("completion_by_course", chosen).to_pylist()
        agree(by_group(shown, *completion), by_group(told, *completion))
        tests = opened.run("test_difficulty", chosen).to_pandas()
        sessions = opened.run("attendance", chosen).to_pandas()
        for row in shown:
            own = tests[tests["group_name"] == row["group_name"]]
            weights = own["learners"].sum()
            expected = (own["mean_share"] * own["learners"]).sum() / weights if weights else None
            passed = (own["share_passed"] * own["learners"]).sum() / weights if weights else None
            assert (row["mean_mark"], row["share_passed"]) == pytest.approx((expected, passed))
            there = sessions[sessions["group_name"] == row["group_name"]]
            attended = there["attended"].sum() / there["learners"].sum() if len(there) else None
            assert row["share_attended"] == pytest.approx(attended)
            seen |= {name for name in ("mean_mark", "share_attended") if row[name] is not None}
    assert seen == {"mean_mark", "share_attended"}


@pytest.mark.parametrize("given", [{}, {"min_days_overdue": 1}, {"q": "sales"}, {"people.cost_centre": "C1"}])
def test_who_is_behind_by_group(brought: House, given: dict[str, Any]) -> None:
    shown = asked(brought, "behind", group_by="department", limit=1, **given)["groups"]
    rows = pd.DataFrame(asked(brought, "behind", limit=1_000, **given)["rows"])
    late = rows["days_overdue"].fillna(0) > 0
    rows["items_overdue"] = rows["open_mandatory"].where(late, 0)
    names = rows["department"].fillna("unknown")
    truth = {
        name: (each["learner_id"].nunique(), each["open_mandatory"].sum(), each["items_overdue"].sum())
        for name, each in rows.groupby(names)
    }
    found = {
        row["group_name"]: (row["learners_behind"], row["open_mandatory"], row["items_overdue"])
        for row in shown["rows"]
    }
    assert found == truth
    assert found


def test_changes_by_group(house: House, people: Path, tmp_path: Path, published: Path) -> None:
    output = shutil.copytree(published, tmp_path / "out")
    rows = progress(published).head(40)[["course_id", "batch_id", "learner_id", "entity_type", "entity_id"]]
    told = [
        {
            **row,
            "change": ("completed", "added")[number % 2],
            "previous_snapshot_date": DAYS[-2],
            "dag_run_id": "run",
        }
        for number, row in enumerate(rows.astype(object).where(rows.notna(), None).to_dict("records"))
    ]
    folder = output / "changes" / f"snapshot_date={LATEST}"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(told, schema=CHANGES_SCHEMA), folder / "course-1.parquet")
    house.known = [progress_dag("zoho_eu", str(output))]
    house.variables = {"zoho_eu_people": str(people)}
    shown = asked(house, "overview", group_by="department")
    counted: dict[str, dict[str, int]] = {}
    for row in told:
        number = EVERYBODY.index(row["learner_id"])
        name = PEOPLE[number % 2] if number < len(EVERYBODY) - 2 else "unknown"
        of_group = counted.setdefault(name, {})
        of_group[row["change"]] = of_group.get(row["change"], 0) + 1
    assert {row["group_name"]: row["changes"] for row in shown["groups"]["rows"] if row["changes"]} == counted
    assert shown["changes"]["by_change"] == {"completed": 20, "added": 20}


def test_without_a_choice_nothing_is_grouped(brought: House) -> None:
    course = asked(brought, "options")["courses"][0]["course_id"]
    for name, given in (("overview", {}), ("course", {"course": course}), ("behind", {})):
        assert asked(brought, name, **given)["groups"] is None


def test_the_largest_groups_are_told_and_how_many_others_there_are(
    keeper: Keeper, published: Path, tmp_path: Path
) -> None:
    rows = [f"{each},D{number}" for number, each in enumerate(EVERYBODY)]
    people = tmp_path / "people.csv"
    people.write_text("\n".join(["learner_id,department", *rows]))
    nothing = dict.fromkeys(("courses", "entity_types", "people_with"))
    with keeper.view(Source(Dataset.at(published), people=UPath(people)), "latest") as view:
        shown = groups(view, nothing, "department", most=3)
    assert (len(shown["rows"]), shown["left_out"]) == (3, len(EVERYBODY) - 3)


def test_what_there_is_to_choose(brought: House) -> None:
    shown = asked(brought, "options")
    assert shown["group_by"] == ["department", "manager", COLUMN, *DUE_GROUPS]
    assert shown["people"] == {COLUMN: ["C0", "C1", "C2"]}
    shown = asked(brought, "options", user="reader")
    assert shown["group_by"] == ["department", *DUE_GROUPS]
    assert (shown["people"], shown["managers"]) == ({}, [])


@pytest.mark.parametrize(
    "given",
    [{"group_by": "manager"}, {"group_by": COLUMN}, {f"people.{COLUMN}": "C1"}, {"manager": "Kim Manager"}],
)
def test_only_who_may_see_names_groups_and_filters_by_what_may_be_names(
    brought: House, given: dict[str, str]
) -> None:
    course = asked(brought, "options")["courses"][0]["course_id"]
    for name, more in (("overview", {}), ("course", {"course": course}), ("behind", {})):
        answer = brought.client("reader").get(f"/api/{name}", params={**given, **more})
        assert answer.status_code == 403
        assert "names_permission" in answer.json()["detail"]["cure"]
        assert "Kim" not in answer.text
        asked(brought, name, **given, **more)
    shown = asked(brought, "overview", user="reader", group_by="department")
    assert {row["group_name"] for row in shown["groups"]["rows"]} == {*PEOPLE, "unknown"}


@pytest.mark.parametrize("given", [{"group_by": "colour"}, {"people.colour": "red"}, {"group_by": "email"}])
def test_a_column_that_there_is_not_is_told_with_those_that_there_are(
    brought: House, given: dict[str, str]
) -> None:
    answer = brought.client("hr").get("/api/behind", params=given)
    assert answer.status_code == 400
    assert answer.json()["detail"]["cure"].endswith("location, cost_centre, due_date, due_month")


def test_a_usual_column_is_filtered_by_under_its_own_name_only(brought: House) -> None:
    answer = brought.client("hr").get("/api/behind", params={"people.department": "Sales"})
    assert answer.status_code == 400
    assert "use one of: course, dag, department" in answer.json()["detail"]["cure"]
