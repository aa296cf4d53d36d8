"""What figures must not be taken for: parts of an organisation, days not counted yet, what nobody compared."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.published_days import DAYS
from tests.web.house import LOGIN, Background, House, house_of, progress_dag
from zoho_people.storage.schema import CHANGES_SCHEMA
from zoho_people.web.api import MOST_AT_ONCE
from zoho_people.web.app import create_app
from zoho_people.web.keeper import Keeper

pytestmark = pytest.mark.component
NEXT_DAY = DAYS[-1] + timedelta(days=1)


@pytest.fixture
def house(output: Path, tmp_path: Path, background: Background) -> Iterator[House]:
    house = house_of(progress_dag("zoho_eu", str(output)))
    house.keeper = Keeper(tmp_path / "kept", in_background=background)
    yield house
    house.keeper.close()


def asked(house: House, name: str = "overview", **given: Any) -> Any:
    answer = house.client("hr").get(f"/api/{name}", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_snapshot_of_a_part_is_not_the_latest_and_says_so(house: House, output: Path) -> None:
    assert asked(house)["warnings"] == []
    (folder,) = output.glob(f"learner_progress/entity_type=files/snapshot_date={DAYS[-1]}")
    later = folder.with_name(f"snapshot_date={NEXT_DAY}")
    later.mkdir()
    shutil.copy(sorted(folder.glob("*.parquet"))[0], later)
    assert asked(house, "snapshots")["latest"] == asked(house)["snapshot_date"] == str(DAYS[-1])
    warning, _ = asked(house, snapshot_date=str(NEXT_DAY))["warnings"]
    assert "has 1 of the 4 courses and batches that the one before has" in warning


def test_without_coverage_nobody_knows_what_is_missing(house: House, output: Path) -> None:
    shutil.rmtree(output / f"coverage/snapshot_date={DAYS[-1]}")
    (warning,) = asked(house)["warnings"]
    assert warning.startswith(f"there is no coverage of {DAYS[-1]}, so nobody knows what was asked for")
    assert asked(house, snapshot_date=str(DAYS[0]))["warnings"] == []


def test_a_snapshot_of_a_part_is_marked_in_what_is_told_over_time(
    house: House, output: Path, background: Background
) -> None:
    for folder in output.glob(f"learner_progress/*/snapshot_date={DAYS[1]}"):
        if "files" not in str(folder):
            shutil.rmtree(folder)
    asked(house)
    background.run()
    course = asked(house, "options")["courses"][0]["course_id"]
    for name, given in (("overview", {}), ("course", {"course": course})):
        points = asked(house, name, **given)["over_time"]
        assert {row["snapshot_date"]: row["is_partial"] for row in points} == {
            str(day): day == DAYS[1] for day in DAYS
        }


def test_what_nobody_compared_is_not_called_unchanged(house: House, output: Path) -> None:
    assert asked(house)["changes"] == {"previous_snapshot_date": None, "by_change": {}}
    folder = output / "changes" / f"snapshot_date={DAYS[-1]}"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([], schema=CHANGES_SCHEMA), folder / "course-1.parquet")
    assert asked(house)["changes"] == {"previous_snapshot_date": str(DAYS[-2]), "by_change": {}}


def test_due_dates_from_a_first_day_wait_until_all_days_are_counted(
    house: House, tmp_path: Path, background: Background
) -> None:
    course = asked(house, "options")["courses"][0]["course_id"]
    deadlines = tmp_path / "deadlines.csv"
    deadlines.write_text(f"course_id,due_days\n{course},1\n")
    house.variables = {"zoho_eu_deadlines": str(deadlines)}
    first = asked(house)
    assert first["overdue"] is None
    assert "not known before all days are counted" in first["warnings"][0]
    assert house.client("hr").get("/api/behind.csv").status_code == 503
    background.run()
    assert asked(house)["overdue"]["items"] > 0
    assert house.client("hr").get("/api/behind.csv").status_code == 200


def test_a_search_finds_courses_as_well(house: House) -> None:
    named = [each for each in asked(house, "options")["courses"] if each["name"].isprintable()]
    for course, searched in ((each, text) for each in named for text in (each["course_id"], each["name"])):
        found = asked(house, "behind", q=searched, limit=1_000)["rows"]
        assert {row["course_id"] for row in found} == {course["course_id"]}, searched


def test_names_that_are_kept_elsewhere_are_found_though_listed_on_another_day(
    house: House, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "names"
    shutil.move(output / "learners", elsewhere / "learners")
    shutil.rmtree(elsewhere / "learners" / f"snapshot_date={DAYS[-1]}")
    monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT", str(elsewhere))
    assert any(row["name"] for row in asked(house, "learners")["rows"])


def test_storage_that_fails_is_told_as_that(house: House, output: Path) -> None:
    shutil.rmtree(output / "learner_progress")
    (output / "learner_progress").symlink_to("learner_progress")
    for name in ("overview", "snapshots"):
        answer = house.client("hr").get(f"/api/{name}")
        assert answer.status_code == 503
        assert "symbolic" not in answer.text
        assert "credentials" in answer.json()["detail"]["cure"]


def test_a_download_of_a_dag_with_any_name_has_a_file_name(output: Path, tmp_path: Path) -> None:
    house = house_of(progress_dag("zoho_индия", str(output)))
    house.keeper = Keeper(tmp_path / "kept-2", in_background=Background())
    head = house.client("hr").get("/api/behind.csv").headers["content-disposition"]
    house.keeper.close()
    assert 'filename="behind-zoho______-2026' in head
    assert "filename*=UTF-8''behind-zoho_%D0%B8" in head


def test_who_waits_for_the_page_takes_none_of_the_server_s_threads() -> None:
    """More requests than the page has threads are under way, and not more than those answer at once."""
    at_once: list[int] = []
    inside, lock, go = 0, threading.Lock(), threading.Event()

    class Slow(House):
        def dags(self) -> Any:
            nonlocal inside
            with lock:
                inside += 1
                at_once.append(inside)
            go.wait(30)
            with lock:
                inside -= 1
            return ()

    async def ask() -> None:
        transport = httpx.ASGITransport(create_app(Slow()))
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            asking = [
                asyncio.ensure_future(client.get("/api/datasets", headers={LOGIN: "jo"})) for _ in range(9)
            ]
            while len(at_once) < MOST_AT_ONCE:
                await asyncio.sleep(0)
            go.set()
            assert {answer.status_code for answer in await asyncio.gather(*asking)} == {200}

    asyncio.run(ask())
    assert max(at_once) == MOST_AT_ONCE
