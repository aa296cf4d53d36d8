"""The page with its real API, over days that were published as runs publish them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from tests.browser import chromium
from tests.browser.conftest import PATIENCE_MS, settled
from tests.browser.page_server import served
from tests.helpers.published_days import DAYS, courses, learner_id, publish_days
from tests.web.house import LOGIN, house_of, progress_dag
from zoho_people.web.keeper import Keeper

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(bool(chromium.missing()), reason=chromium.missing() or "nothing is missing"),
]

DAG_ID = "zoho_eu"
DUE = "2026-01-05"


@dataclass(frozen=True)
class Site:
    """A page over published days, and a way to look at it as somebody."""

    url: str
    browser: Browser

    def open(self, query: str = "", *, user: str = "hr") -> Page:
        context = self.browser.new_context(base_url=self.url, locale="en-GB", reduced_motion="reduce")
        context.add_cookies([{"name": LOGIN, "value": user, "url": self.url}])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"/zoho-people/{query}")
        self.finished(page)
        return page

    def finished(self, page: Page) -> None:
        """Wait until the view and its figures over time are there, and see that it is no complaint."""
        settled(page)
        page.locator("#pending:empty").wait_for(state="attached")
        assert page.get_by_role("alert").all_inner_texts() == []

    def answer(self, page: Page, route: str, **query: str) -> Any:
        answered = page.request.get(f"/zoho-people/api/{route}", params={"dag": DAG_ID, **query})
        assert answered.ok, answered.text()
        return answered.json()


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("page")
    publish_days(folder / "data")
    people = folder / "data" / "people.csv"
    rows = [(learner_id(number), ("Sales", "Logistics")[number % 2], "Hana Sato") for number in range(12)]
    people.write_text("learner_id,department,manager\n" + "".join(f"{','.join(row)}\n" for row in rows))
    house = house_of(progress_dag(DAG_ID, str(folder / "data")))
    house.variables[f"{DAG_ID}_people"] = str(people)
    deadlines = folder / "data" / "deadlines.csv"
    deadlines.write_text(f"course_id,due_date\n{next(courses())[0].course_id},{DUE}\n")
    house.variables[f"{DAG_ID}_deadlines"] = str(deadlines)
    keeper = Keeper(folder / "kept")
    with served(house, keeper) as url:
        yield Site(url, browser)
    keeper.close()


def rows_of(page: Page, table: str) -> int:
    return page.get_by_role("table", name=table).locator("tbody tr").count()


def test_each_view_shows_what_the_api_answers(site: Site) -> None:
    page = site.open()
    overview = site.answer(page, "overview")
    assert rows_of(page, "Completion by course") == len(overview["by_course"]) > 1
    assert rows_of(page, "Completion by type") == len(overview["by_entity_type"]) > 1
    assert f"{len(DAYS)} snapshots, from" in page.locator("figure").inner_text()

    page.get_by_role("table", name="Completion by course").get_by_role("link").first.click()
    site.finished(page)
    assert rows_of(page, "Items of the course") > 0

    page.get_by_role("link", name="Who is behind", exact=True).click()
    site.finished(page)
    page.get_by_role("link", name="Clear all").click()
    page.get_by_text("lines: one for each").wait_for()
    site.finished(page)
    behind = site.answer(page, "behind")
    assert rows_of(page, "Learners with open mandatory items") == behind["total"] > 10

    page.locator("tbody th a").first.click()
    site.finished(page)
    assert rows_of(page, "Open mandatory items") > 0

    page.get_by_role("link", name="Learners", exact=True).click()
    site.finished(page)
    assert rows_of(page, "Learners") == site.answer(page, "learners")["total"]

    page.get_by_role("link", name="Run health", exact=True).click()
    site.finished(page)
    assert rows_of(page, "Age of each course’s data") == len(site.answer(page, "health")["courses"]) > 1


def test_every_filter_sort_and_snapshot_is_one_that_the_api_takes(site: Site) -> None:
    page = site.open(f"?view=behind&snapshot_date={DAYS[0]}")
    for column in page.locator("thead button").all_inner_texts():
        page.get_by_role("button", name=column.strip(" ▲▼\n"), exact=True).click()
        site.finished(page)
    page.locator("summary").filter(has_text="Department").click()
    page.get_by_role("checkbox", name="Sales").check()
    page.wait_for_url("**department=Sales**")
    site.finished(page)
    assert set(page.locator("[data-label=Department]").all_inner_texts()) == {"Sales"}
    for view in ("Overview", "Learners"):
        page.get_by_role("link", name=view, exact=True).click()
        site.finished(page)


def test_figures_by_group_are_those_of_the_api(site: Site) -> None:
    page = site.open("?group_by=department")
    for view, table, column in (
        ("Overview", "Progress by department", "learners"),
        ("Who is behind", "Behind by department", "learners_behind"),
    ):
        page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()
        site.finished(page)
        route = "behind" if column == "learners_behind" else "overview"
        told = site.answer(page, route, group_by="department")["groups"]["rows"]
        rows = page.get_by_role("table", name=table).locator("tbody tr")
        names = [text.split()[0] for text in rows.locator("th").all_inner_texts()]
        shown = dict(zip(names, rows.locator("td:nth-child(2)").all_inner_texts(), strict=True))
        assert shown == {row["group_name"].title(): str(row[column]) for row in told}
        assert set(shown) == {"Sales", "Logistics", "Unknown"}


def test_figures_by_due_date_are_those_of_the_api_and_lead_to_what_is_due(site: Site) -> None:
    page = site.open("?view=behind&group_by=due_date")
    told = site.answer(page, "behind", group_by="due_date")["groups"]["rows"]
    shown = page.get_by_role("table", name="Behind by due date").locator("tbody tr")
    assert shown.locator("th").all_inner_texts() == ["5 Jan 2026", "No due date"]
    expected = {row["group_name"]: str(row["open_mandatory"]) for row in told}
    assert shown.locator("td:nth-child(3)").all_inner_texts() == [expected[DUE], expected["no due date"]]
    page.get_by_role("table", name="Behind by due date").get_by_role("link", name="5 Jan 2026").click()
    site.finished(page)
    due = page.locator("[data-label=Due]").all_inner_texts()
    assert len(due) == site.answer(page, "behind", due_from=DUE, due_until=DUE)["total"] > 0
    assert set(due) == {"5 Jan 2026"}
    for view in ("Overview", "Learners"):
        page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()
        site.finished(page)
    assert rows_of(page, "Learners") == site.answer(page, "learners", due_date=DUE)["total"]


def test_downloads_hold_all_lines_of_the_filters(site: Site, tmp_path: Path) -> None:
    page = site.open("?view=behind&department=Sales")
    total = site.answer(page, "behind", department="Sales")["total"]
    found = []
    for link, name in (("Download CSV", "behind.csv"), ("Download Parquet", "behind.parquet")):
        with page.expect_download() as downloading:
            page.get_by_role("link", name=link).click()
        downloading.value.save_as(tmp_path / name)
        assert downloading.value.suggested_filename == f"behind-{DAG_ID}-{DAYS[-1]}.{name.partition('.')[2]}"
    with (tmp_path / "behind.csv").open(encoding="utf-8-sig", newline="") as lines:
        found.append([row["learner_id"] for row in csv.DictReader(lines)])
    found.append(pq.read_table(tmp_path / "behind.parquet")["learner_id"].to_pylist())
    assert len(found[0]) == len(found[1]) == total > 0


def test_who_may_not_see_names_gets_ids_and_no_complaint(site: Site) -> None:
    page = site.open("?view=behind", user="reader")
    names = page.locator("tbody th").all_inner_texts()
    assert names
    assert all(name.isdecimal() for name in names)
    assert page.locator("summary").filter(has_text="Manager").count() == 0
    for button in page.locator("thead button").all_inner_texts():
        page.get_by_role("button", name=button.strip(" ▲▼\n"), exact=True).click()
        site.finished(page)
