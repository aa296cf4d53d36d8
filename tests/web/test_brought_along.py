"""With files that say where learners work and what is due when: filters, overdue items, and what is nobody's."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.published_days import DAYS
from tests.web.house import House
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.frames import learners, progress

LATEST = DAYS[-1]
DEPARTMENTS = ("Sales", "Früchte & Co")


@pytest.fixture(scope="module")
def departments(published: Path) -> dict[str, str]:
    """Of all but one learner."""
    ids = sorted(learners(published)["learner_id"].unique())
    return {learner: DEPARTMENTS[number % 2] for number, learner in enumerate(ids[1:])}


@pytest.fixture(scope="module")
def files(
    departments: dict[str, str], tmp_path_factory: pytest.TempPathFactory, published: Path
) -> tuple[Path, Path]:
    """Both files, which no test changes."""
    folder = tmp_path_factory.mktemp("brought")
    people, deadlines = folder / "people.csv", folder / "deadlines.csv"
    lines = [f"{learner},{name},Kim Manager,Pune" for learner, name in departments.items()]
    stranger = "999999999999999999,Elsewhere,Nobody,Mars"
    people.write_text("\n".join(["learner_id,department,manager,location", *lines, stranger]))
    course = progress(published)["course_id"].iloc[0]
    deadlines.write_text(f"course_id,due_date\n{course},{LATEST - timedelta(days=4)}\n")
    return people, deadlines


@pytest.fixture
def brought(house: House, files: tuple[Path, Path]) -> House:
    """The house, with both files."""
    people, deadlines = files
    house.variables = {"zoho_eu_people": str(people), "zoho_eu_deadlines": str(deadlines)}
    return house


@pytest.fixture
def own_people(brought: House, files: tuple[Path, Path], tmp_path: Path) -> Path:
    """The house's people file from now on, which a test may change."""
    path = Path(shutil.copy(files[0], tmp_path))
    brought.variables["zoho_eu_people"] = str(path)
    return path


def asked(house: House, name: str, user: str = "hr", **given: Any) -> Any:
    answer = house.client(user).get(f"/api/{name}", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_filters_are_what_is_there_and_nobody_who_is_in_no_course(brought: House) -> None:
    shown = asked(brought, "options")
    assert (shown["has_people"], shown["has_deadlines"]) == (True, True)
    assert shown["departments"] == sorted(DEPARTMENTS)
    assert (shown["managers"], shown["locations"]) == (["Kim Manager"], ["Pune"])
    assert asked(brought, "options", user="reader")["managers"] == []


def test_a_department_s_figures_are_its_learners(
    brought: House, departments: dict[str, str], published: Path
) -> None:
    rows = progress(published, with_names=False)
    for name in DEPARTMENTS:
        own = [learner for learner, department in departments.items() if department == name]
        shown = asked(brought, "overview", department=name)
        entities = len(rows[rows["learner_id"].isin(own)])
        assert (
            sum(row["entities"] for row in shown["by_course"])
            == shown["over_time"][-1]["entities"]
            == entities
        )
        found = {
            row["learner_id"] for row in asked(brought, "learners", department=name, limit=1_000)["rows"]
        }
        assert found == set(own) & set(rows["learner_id"])


def test_what_is_overdue_is_what_the_question_says(
    brought: House, files: tuple[Path, Path], published: Path
) -> None:
    people, deadlines = files
    with Dataset.at(published).open(people=people, deadlines=deadlines, threads=1) as opened:
        items = opened.run("overdue", {}).to_pandas()
    assert len(items) > 0
    shown = asked(brought, "overview")["overdue"]
    assert shown == {"learners": items["learner_id"].nunique(), "items": len(items)}
    rows = asked(brought, "behind", min_days_overdue=1, limit=1_000)["rows"]
    assert sum(row["open_mandatory"] for row in rows) == len(items)
    assert {row["days_overdue"] for row in rows} == {4}
    assert asked(brought, "behind", min_days_overdue=5)["total"] == 0
    first = asked(brought, "behind")["rows"][0]
    assert first["due_date"] == str(LATEST - timedelta(days=4))


def test_a_file_that_changes_is_read_anew(brought: House, own_people: Path) -> None:
    asked(brought, "options")
    own_people.write_text(own_people.read_text().replace("Sales", "Marketing"))
    assert "Marketing" in asked(brought, "options")["departments"]


@pytest.mark.parametrize("content", ["department\nSales\n", "learner_id,department\nnobody,Sales\n"])
def test_a_file_that_can_t_be_is_named_and_progress_is_shown_without_it(
    brought: House, own_people: Path, content: str
) -> None:
    before = asked(brought, "overview")["by_course"]
    own_people.write_text(content)
    shown = asked(brought, "overview")
    assert shown["by_course"] == before
    (warning,) = shown["warnings"]
    assert "people file" in warning
    assert asked(brought, "options")["has_people"] is False


def test_a_file_outside_of_the_roots_is_not_read(brought: House, monkeypatch: pytest.MonkeyPatch) -> None:
    root = str(Path(brought.known[0].params["output_path"]))
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS", root)
    answer = brought.client("hr").get("/api/overview")
    assert answer.status_code == 409
    told = answer.json()["detail"]
    assert "Variable zoho_eu_people: path '" in told["problem"]
    assert "is outside of where this Airflow may read and write" in told["problem"]
    assert told["cure"].startswith("choose a place there, or have the deployer add it to [zoho_people]")
    assert told["cure"].endswith("or delete the Variable: the page does without the file then")
