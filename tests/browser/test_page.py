"""The page as its readers use it, on made-up answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser import chromium
from tests.browser.conftest import DESKTOP, PHONE, Open, settled
from tests.browser.made_up import COURSES, DAG_ID, DEPARTMENTS, HOSTILE, MadeUp, learner

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(bool(chromium.missing()), reason=chromium.missing() or "nothing is missing"),
]

COURSE = "?view=course&course=100002000000039000"
LEARNER = "?view=learner&learner_id=253200000033793007"
BEHIND = "?view=behind"
FILTERED = f"{BEHIND}&department=Sales&due_from=2026-11-01&due_until=2026-12-31&group_by=due_month"


GOOD_SHIFT = 0.1
"""Up to here the web's own measure, Cumulative Layout Shift, calls a page good."""

SHIFTED = """() => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type: "layout-shift", buffered: true });
  return observer.takeRecords().reduce((sum, entry) => sum + entry.value, 0);
}"""


def query_of(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def go(page: Page, link: str) -> None:
    page.get_by_role("navigation", name="Views").get_by_role("link", name=link).click()
    settled(page)


def tick(page: Page, filter_name: str, *choices: str) -> None:
    """Choose in one of the lists of filters."""
    page.locator("summary").filter(has_text=filter_name).click()
    for choice in choices:
        page.get_by_role("checkbox", name=choice).check()
    page.keyboard.press("Escape")
    settled(page)


class TestTheViews:
    @pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
    @pytest.mark.parametrize(
        "query",
        ["", COURSE, "?view=course", LEARNER, BEHIND, FILTERED, "?view=learner", "?view=health"],
    )
    def test_nothing_of_a_view_moves_while_it_comes(
        self, window: Open, query: str, size: ViewportSize
    ) -> None:
        page = window(query, size=size)
        page.get_by_role("heading", level=1).click()  # what is drawn last has had its frame
        assert page.evaluate(SHIFTED) < GOOD_SHIFT

    def test_the_overview_says_how_the_organisation_stands_and_what_each_figure_counts(
        self, window: Open
    ) -> None:
        from playwright.sync_api import expect

        page = window()
        expect(page).to_have_title("Overview · Learner progress")
        expect(page.get_by_role("group", name="Completed")).to_contain_text("70.0%")
        expect(page.get_by_role("group", name="Completed")).to_contain_text("29,412 of 42,000 items")
        expect(page.get_by_role("group", name="Overdue")).to_contain_text("148 learners")
        expect(page.get_by_role("group", name="Age of the data")).to_contain_text("2 hours ago")
        expect(page.get_by_role("group", name="Completeness")).to_contain_text("99.8%")
        expect(page.get_by_role("img", name="Line chart of completion over time.")).to_be_visible()
        expect(page.get_by_role("table", name="Completion by type").get_by_role("row")).to_have_count(7)
        expect(page.locator("main")).to_contain_text("Since the snapshot before, of 25 Nov 2026")
        expect(page.locator("main")).to_contain_text(
            "63 of 40,932 answers from Zoho are missing in this snapshot (failed 63)"
        )

    def test_courses_can_be_sorted_and_all_of_them_shown(self, window: Open) -> None:
        page = window()
        table = page.get_by_role("table", name="Completion by course")
        page.get_by_role("button", name=f"Show all {len(COURSES)} courses").click()
        table.get_by_role("button", name="Course").click()
        names = [row.strip() for row in table.locator("tbody th a").all_inner_texts()]
        assert names == sorted(COURSES, key=str.lower)
        assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"

    def test_a_course_has_its_items_sessions_and_who_is_behind(self, window: Open) -> None:
        from playwright.sync_api import expect

        page = window()
        page.get_by_role("link", name=COURSES[6]).click()
        settled(page)
        assert query_of(page)["course"] == ["100002000000039006"]
        expect(page.get_by_role("table", name="Items of the course").locator("tbody tr")).to_have_count(9)
        expect(page.get_by_role("table", name="Attendance of sessions").locator("tbody tr")).to_have_count(4)
        expect(page.get_by_role("table", name="Learners of this course")).to_be_visible()

    def test_without_a_course_the_view_asks_for_one(self, window: Open, made_up: MadeUp) -> None:
        page = window("?view=course")
        assert "Choose a course" in page.locator("main").inner_text()
        page.get_by_role("combobox", name="Course").select_option(label=COURSES[0])
        settled(page)
        page.get_by_role("table", name="Items of the course").wait_for()
        assert made_up.requests("course")[0]["course"] == ["100002000000039000"]

    def test_a_learner_has_courses_open_items_and_a_history(self, window: Open) -> None:
        from playwright.sync_api import expect

        page = window(LEARNER)
        assert heading(page) == learner(7)["name"]
        expect(page.get_by_role("table", name="Open mandatory items")).to_contain_text("Final test")
        expect(page.get_by_role("table", name="Courses of the learner").locator("tbody tr")).to_have_count(4)
        expect(page.get_by_role("table", name="Changes of the learner")).to_contain_text(
            "not started → In progress"
        )

    def test_learners_are_found_by_a_search(self, window: Open, made_up: MadeUp) -> None:
        page = window("?view=learner")
        page.get_by_label("Search a learner").fill("okafor")
        page.wait_for_url("**q=okafor**")
        settled(page)
        assert made_up.requests("learners")[-1]["q"] == ["okafor"]
        page.get_by_role("link", name=learner(3)["name"], exact=True).first.click()
        settled(page)
        assert query_of(page)["learner_id"] == [learner(3)["learner_id"]]

    def test_run_health_tells_limit_lock_quota_runs_and_cures(self, window: Open) -> None:
        from playwright.sync_api import expect

        page = window("?view=health")
        expect(page.get_by_role("group", name="Slots in use")).to_contain_text("27 of 30")
        expect(page.get_by_role("group", name="Slots in use")).to_contain_text(
            "Locked until 26 Nov 2026, 10:34 CET"
        )
        expect(page.get_by_role("group", name="Quota of the day")).to_contain_text("4,588 left")
        expect(page.get_by_role("group", name="Access token")).to_contain_text("Valid")
        expect(page.get_by_role("group", name="Last dry run")).to_contain_text("6,400 requests")
        expect(page.get_by_role("table", name="The last runs").locator("tbody tr")).to_have_count(7)
        expect(page.get_by_role("table", name="The last failures")).to_contain_text("Clear the failed task")
        expect(page.get_by_role("img", name="Bar chart of requests per minute.")).to_be_visible()


class TestTheAddress:
    def test_a_filter_is_in_the_address_and_back_takes_it_away(self, window: Open, made_up: MadeUp) -> None:
        page = window(BEHIND)
        tick(page, "Department", "Sales", "Logistics")
        assert query_of(page)["department"] == ["Logistics", "Sales"]
        assert made_up.requests("behind")[-1]["department"] == ["Logistics", "Sales"]
        page.go_back()
        settled(page)
        assert len(query_of(page)["department"]) == 1
        assert page.locator("summary").filter(has_text="Department").inner_text().split() == [
            "Department",
            "1",
            "chosen",
        ]
        page.go_back()
        settled(page)
        assert "department" not in query_of(page)
        page.go_forward()
        settled(page)
        assert len(query_of(page)["department"]) == 1

    def test_a_link_to_a_view_shows_all_of_it(self, window: Open, made_up: MadeUp) -> None:
        page = window(
            f"?view=behind&dag={DAG_ID}&snapshot_date=2026-11-20&q=nair&sort=name&department=Sales&min_days_overdue=7"
        )
        (asked,) = made_up.requests("behind")
        assert asked["snapshot_date"] == ["2026-11-20"]
        assert (asked["q"], asked["sort"], asked["department"]) == (["nair"], ["name"], ["Sales"])
        assert asked["min_days_overdue"] == ["7"]
        assert page.get_by_label("Search a learner").input_value() == "nair"
        assert page.get_by_label("Snapshot").input_value() == "2026-11-20"
        chips = page.get_by_role("list", name="Filters in use").get_by_role("link").all_inner_texts()
        assert [each.splitlines()[-1] for each in chips] == [
            "“nair” ×",
            "Department Sales ×",
            "Overdue for 7+ days ×",
        ]

    def test_filters_stay_when_another_view_is_opened_and_can_be_cleared(self, window: Open) -> None:
        page = window("?department=Sales&course=100002000000039001")
        go(page, "Who is behind")
        assert query_of(page)["department"] == ["Sales"]
        page.get_by_role("link", name="Take away the filter Department Sales").click()
        settled(page)
        assert "department" not in query_of(page)
        assert query_of(page)["course"] == ["100002000000039001"]
        page.get_by_role("link", name="Clear all").click()
        settled(page)
        assert set(query_of(page)) <= {"view", "dag"}

    def test_pages_of_rows_are_in_the_address(self, window: Open) -> None:
        page = window(BEHIND)
        pages = page.get_by_role("navigation", name="Pages")
        assert "1–50 of 214" in pages.inner_text()
        pages.get_by_role("link", name="Next").click()
        settled(page)
        assert query_of(page)["offset"] == ["50"]
        assert "51–100 of 214" in pages.inner_text()
        page.get_by_role("button", name="Open mandatory").click()
        settled(page)
        assert query_of(page)["sort"] == ["-open_mandatory"]
        assert "offset" not in query_of(page)

    def test_another_search_gives_the_earlier_one_up(self, window: Open, made_up: MadeUp) -> None:
        page = window(BEHIND)
        made_up.held["behind"] = []
        page.get_by_label("Search a learner").fill("nair")
        page.wait_for_url("**q=nair**")
        with page.expect_event("requestfailed", lambda request: "q=nair" in request.url):
            page.get_by_label("Search a learner").fill("haddad")
            page.wait_for_url("**q=haddad**")
        page.wait_for_timeout(0)
        made_up.release("behind")
        settled(page)
        names = page.locator("tbody th a").all_inner_texts()
        assert names
        assert all("Haddad" in name for name in names)
        assert page.evaluate("document.activeElement.id") == "q"

    def test_downloads_have_the_same_filters(self, window: Open) -> None:
        page = window("?view=behind&department=Sales&q=nair&sort=name&offset=50")
        for name in ("csv", "parquet"):
            link = page.get_by_role("link", name=f"Download {name}").get_attribute("href") or ""
            assert link.startswith(f"api/behind.{name}?")
            assert parse_qs(urlsplit(link).query) == {
                "dag": [DAG_ID],
                "snapshot_date": ["latest"],
                "department": ["Sales"],
                "q": ["nair"],
                "sort": ["name"],
            }


class TestGroups:
    def test_a_choice_groups_the_view_and_stays_when_another_is_opened(
        self, window: Open, made_up: MadeUp
    ) -> None:
        from playwright.sync_api import expect

        page = window("?department=Sales")
        assert page.get_by_role("table", name="Progress by").count() == 0
        page.get_by_label("Group by").select_option("Department")
        table = page.get_by_role("table", name="Progress by department", exact=True)
        expect(table.locator("tbody tr")).to_have_count(5)
        assert (query_of(page)["group_by"], query_of(page)["department"]) == (["department"], ["Sales"])
        assert made_up.requests("overview")[-1]["group_by"] == ["department"]
        assert "Unknown not in the people file, or nothing said there" in table.inner_text()
        expect(
            page.get_by_role("img", name="Line chart of completion over time by department.")
        ).to_be_visible()
        changes = page.get_by_role("table", name="Changes by department")
        assert changes.locator("tbody tr").first.inner_text().split() == ["Sales", "180", "81", "0"]
        go(page, "Who is behind")
        expect(page.get_by_role("table", name="Behind by department").locator("tbody tr")).to_have_count(5)
        assert made_up.requests("behind")[-1]["group_by"] == ["department"]
        page.get_by_label("Group by").select_option("Nothing")
        settled(page)
        expect(page.get_by_role("table", name="Behind by department")).to_have_count(0)
        assert "group_by" not in query_of(page)

    def test_a_group_leads_to_its_learners_whatever_its_column(self, window: Open, made_up: MadeUp) -> None:
        page = window("?view=course&course=100002000000039000&group_by=cost_centre")
        page.get_by_role("table", name="Progress by cost centre").get_by_role("link", name="0043").click()
        settled(page)
        query = query_of(page)
        assert (query["people.cost_centre"], query["course"]) == (["0043"], ["100002000000039000"])
        assert "group_by" not in query
        assert made_up.requests("course")[-1]["people.cost_centre"] == ["0043"]
        chip = page.get_by_role("link", name="Take away the filter Cost centre 0043")
        assert page.locator("summary").filter(has_text="Cost centre").inner_text().split()[2] == "1"
        go(page, "Who is behind")
        assert made_up.requests("behind")[-1]["people.cost_centre"] == ["0043"]
        chip.click()
        settled(page)
        assert "people.cost_centre" not in query_of(page)
        tick(page, "Cost centre", "0042")
        page.get_by_role("link", name="Clear all").click()
        settled(page)
        assert set(query_of(page)) <= {"view", "dag"}

    def test_due_dates_are_groups_in_their_order_and_lead_to_what_is_due(
        self, window: Open, made_up: MadeUp
    ) -> None:
        page = window("?view=behind&group_by=due_date")
        names = page.get_by_role("table", name="Behind by due date").locator("tbody th")
        assert names.all_inner_texts() == ["15 Nov 2026", "1 Dec 2026", "No due date"]
        names.get_by_role("link", name="No due date").click()
        settled(page)
        assert made_up.requests("behind")[-1]["due_date"] == ["no due date"]
        page.get_by_role("link", name="Take away the filter No due date").click()
        settled(page)
        page.get_by_label("Group by").select_option("Due month")
        page.get_by_role("table", name="Behind by due month").get_by_role(
            "link", name="December 2026"
        ).click()
        settled(page)
        assert made_up.requests("behind")[-1]["due_month"] == ["2026-12"]
        assert page.get_by_role("link", name="Take away the filter Due December 2026").count() == 1

    def test_what_is_due_between_two_days(self, window: Open, made_up: MadeUp) -> None:
        page = window("?view=overview")
        page.get_by_label("Due from").fill("2026-12-01")
        page.wait_for_url("**due_from=2026-12-01**")
        page.get_by_label("Due until").fill("2026-12-31")
        page.wait_for_url("**due_until=2026-12-31**")
        settled(page)
        for view, route in (("Who is behind", "behind"), ("Learners", "learners")):
            go(page, view)
            asked = made_up.requests(route)[-1]
            assert (asked["due_from"], asked["due_until"]) == (["2026-12-01"], ["2026-12-31"])
            assert page.get_by_label("Due until").input_value() == "2026-12-31"
        go(page, "Who is behind")
        download = page.get_by_role("link", name="Download CSV").get_attribute("href")
        assert parse_qs(urlsplit(str(download)).query)["due_from"] == ["2026-12-01"]
        page.get_by_role("link", name="Take away the filter Due from 1 Dec 2026").click()
        settled(page)
        assert "due_from" not in query_of(page)
        assert page.get_by_label("Due from").input_value() == ""
        page.get_by_role("link", name="Clear all").click()
        settled(page)
        assert set(query_of(page)) <= {"view", "dag"}
        made_up.answers["options"]["has_deadlines"] = False
        assert window("?view=behind").get_by_label("Due from").count() == 0

    def test_without_a_people_file_there_is_nothing_to_group_by(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["options"] |= {"group_by": [], "people": {}}
        assert window().get_by_label("Group by").count() == 0

    def test_groups_that_are_not_shown_are_counted(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["groups"]["department"]["left_out"] = 1_234
        text = window("?view=behind&group_by=department").locator("main").inner_text()
        assert "The 5 largest are shown, 1,234 are not." in text


class TestText:
    def test_names_that_look_like_formulas_or_html_are_text(self, window: Open) -> None:
        page = window("?view=learner")
        assert page.locator("tbody th a").all_inner_texts()[:2] == list(HOSTILE)
        assert page.locator("main img").count() == 0
        assert page.title() == "Learners · Learner progress"

    def test_hostile_names_are_text_in_headings_and_filters_too(self, window: Open, made_up: MadeUp) -> None:
        for each in (made_up.answers["course"]["course"], made_up.answers["options"]["courses"][0]):
            each["name"] = HOSTILE[1]
        page = window(COURSE)
        assert heading(page) == HOSTILE[1]
        assert page.locator("main img, form img").count() == 0
        assert page.title() == f"{HOSTILE[1]} · Learner progress"

    @pytest.mark.parametrize(
        "leads", ["javascript:alert(1)", "//evil.test/", "https://evil.test/", "/\\evil.test"]
    )
    def test_a_link_leads_to_this_server_only(self, window: Open, made_up: MadeUp, leads: str) -> None:
        made_up.answers["health"]["runs"][0]["url"] = leads
        page = window("?view=health")
        first = page.get_by_role("table", name="The last runs").locator("tbody th").first
        assert first.locator("a").count() == 0
        assert "scheduled__2026-11-26" in first.inner_text()

    def test_who_may_not_see_names_sees_ids_and_sorts_by_neither(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["datasets"][0]["may_see_names"] = False
        made_up.answers["behind"] = {
            "total": 1,
            "rows": [
                {**made_up.answers["course"]["behind"][0], "name": None, "email": None, "manager": None}
            ],
        }
        page = window(BEHIND)
        assert page.locator("tbody th").inner_text() == learner(0)["learner_id"]
        buttons = page.locator("thead button").all_inner_texts()
        assert not any("Learner" in each or "Manager" in each for each in buttons)


class TestWhereAndWhen:
    def test_numbers_days_and_times_are_the_readers_own(self, window: Open) -> None:
        page = window("?view=health", locale="de-DE", zone="America/New_York")
        text = page.locator("main").inner_text()
        assert "8.412" in text
        assert "26. Nov. 2026" in text
        assert re.search(r"26\. Nov\. 2026, 04:30 (GMT-5|EST)", text)

    def test_a_snapshot_is_a_day_in_utc_wherever_the_reader_is(self, window: Open) -> None:
        page = window(zone="Pacific/Honolulu")
        assert page.get_by_label("Snapshot").locator("option").first.inner_text() == "Latest: 26 Nov 2026"
        page.get_by_text("Show the figures as a table").click()
        assert (
            page.get_by_role("table", name="Completion over time").locator("tbody th").first.inner_text()
            == "26 Nov 2026"
        )

    def test_the_time_zone_chosen_in_airflow_holds(self, window: Open) -> None:
        page = window("?view=health")
        page.evaluate("localStorage.setItem('timezone', JSON.stringify('Asia/Kolkata'))")
        page.reload()
        settled(page)
        assert "26 Nov 2026, 15:04 GMT+5:30" in page.locator("main").inner_text()

    def test_what_is_not_complete_never_reads_100_percent(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["overview"]["by_entity_type"] = [
            {"entity_type": "files", "entities": 100_000, "completed": 99_999, "share": 0.99999},
            {"entity_type": "links", "entities": 100_000, "completed": 1, "share": 0.00001},
        ]
        page = window()
        cells = (
            page.get_by_role("table", name="Completion by type").locator(".share-number").all_inner_texts()
        )
        assert cells == ["99.9%", "< 0.1%"]

    def test_it_is_dark_or_light_as_airflow_is(self, window: Open) -> None:
        page = window(scheme="dark")
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.evaluate("localStorage.setItem('theme', 'light')")
        page.reload()
        settled(page)
        assert page.locator("html").get_attribute("data-theme") == "light"
        other = window(BEHIND)
        line = page.locator(".chart path[stroke='#1f63b5']").first
        line.wait_for(state="attached")
        other.evaluate("localStorage.setItem('theme', 'dark')")
        page.locator("html[data-theme=dark]").wait_for(state="attached")
        line.wait_for(state="detached")


class TestWhatIsMissing:
    def test_no_dataset_says_what_to_do(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["datasets"] = []
        alert = window().get_by_role("alert")
        assert "There is no dataset that you may read." in alert.inner_text()
        assert "Trigger the DAG once" in alert.inner_text()

    def test_no_snapshot_says_what_to_do_and_run_health_works(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["snapshots"] |= {"dates": [], "latest": None, "files_fingerprint": ""}
        made_up.failing["options"] = (404, {"problem": "nothing is published yet", "cure": "trigger a run"})
        page = window()
        assert "Nothing has been published below /data/zoho yet." in page.get_by_role("alert").inner_text()
        go(page, "Run health")
        page.get_by_role("table", name="The last runs").wait_for()

    def test_a_snapshot_that_is_not_there_leaves_the_choice_of_another(self, window: Open) -> None:
        page = window("?snapshot_date=2024-02-29")
        assert "There is no snapshot of 29 Feb 2024." in page.get_by_role("alert").inner_text()
        page.get_by_label("Snapshot").select_option("2026-11-25")
        settled(page)
        page.get_by_role("table", name="Completion by course").wait_for()

    def test_a_dag_that_is_none_of_this_page_says_so(self, window: Open) -> None:
        page = window("?dag=example_dag")
        assert "The DAG “example_dag” has no learner progress" in page.get_by_role("alert").inner_text()
        page.get_by_label("Dataset").select_option(DAG_ID)
        settled(page)
        page.get_by_role("table", name="Completion by course").wait_for()

    def test_a_damaged_file_is_named_with_its_cure_and_can_be_tried_again(
        self, window: Open, made_up: MadeUp
    ) -> None:
        made_up.failing["overview"] = (
            500,
            {"problem": "the file course-1.parquet can't be read", "cure": "run the DAG again"},
        )
        page = window()
        alert = page.get_by_role("alert")
        assert "The file course-1.parquet can't be read." in alert.inner_text()
        assert "Run the DAG again." in alert.inner_text()
        made_up.failing.clear()
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("table", name="Completion by course").wait_for()

    def test_without_coverage_nothing_is_called_missing(self, window: Open, made_up: MadeUp) -> None:
        freshness = made_up.answers["overview"]["freshness"]
        freshness |= {"by_outcome": {"never asked": 365, "failed": 0}, "units": 365, "unknown_units": 365}
        page = window()
        assert (
            "No run has told what it asked for."
            in page.get_by_role("group", name="Completeness").inner_text()
        )
        assert page.get_by_text("Not complete.").count() == 0

    def test_warnings_of_an_answer_are_shown(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["overview"]["warnings"] = ["1 file was left out: it is damaged"]
        assert "Note. 1 file was left out: it is damaged." in window().locator("main").inner_text()

    def test_who_is_signed_out_is_asked_to_sign_in_again(self, window: Open, made_up: MadeUp) -> None:
        made_up.failing["datasets"] = (
            401,
            {"problem": "you are not signed in to Airflow", "cure": "sign in"},
        )
        page = window("?view=behind&department=Sales")
        sign_in = urlsplit(page.get_by_role("link", name="Sign in").get_attribute("href") or "")
        assert sign_in.path == "/api/v2/auth/login"
        assert parse_qs(sign_in.query)["next"] == [page.url]

    def test_without_people_and_deadlines_the_page_says_what_it_can(
        self, window: Open, made_up: MadeUp
    ) -> None:
        made_up.answers["options"] |= {
            "departments": [],
            "managers": [],
            "locations": [],
            "has_people": False,
            "has_deadlines": False,
        }
        page = window()
        assert "No due dates are known" in page.get_by_role("group", name="Overdue").inner_text()
        assert page.locator("summary").filter(has_text="Department").count() == 0
        go(page, "Who is behind")
        heads = page.locator("thead th").all_inner_texts()
        assert not any(name in "".join(heads) for name in ("Department", "Manager", "Due"))

    def test_nobody_behind_is_good_news(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["behind"] = {"total": 0, "rows": []}
        assert "Nobody is behind for this choice" in window(BEHIND).locator("main").inner_text()

    def test_a_page_that_is_no_longer_there_leads_to_the_first(self, window: Open, made_up: MadeUp) -> None:
        usual = made_up.answers["behind"]
        made_up.answers["behind"] = {"total": None, "rows": []}
        page = window("?view=behind&offset=5000&department=Sales")
        made_up.answers["behind"] = usual
        page.get_by_role("link", name="The first page").click()
        page.locator("tbody tr").first.wait_for()
        assert query_of(page)["department"] == ["Sales"]
        assert "offset" not in query_of(page)

    def test_an_unknown_view_leads_back(self, window: Open) -> None:
        page = window("?view=constructor")
        assert "There is no view “constructor”." in page.get_by_role("alert").inner_text()
        go(page, "Overview")
        page.get_by_role("table", name="Completion by course").wait_for()


class TestWhatIsNotExact:
    def test_a_due_date_that_may_be_earlier_says_so(self, window: Open, made_up: MadeUp) -> None:
        for each, is_exact in zip(made_up.answers["course"]["behind"], (False, True, None), strict=False):
            each |= {"due_date": "2026-11-20", "days_overdue": 6, "is_due_exact": is_exact}
        made_up.answers["learner"]["open_mandatory"][0]["is_due_exact"] = False
        page = window(COURSE)
        rows = page.get_by_role("table", name="Learners of this course").locator("tbody tr")
        due = [rows.nth(place).locator("[data-label=Due]").inner_text() for place in range(3)]
        assert due == ["20 Nov 2026 or earlier", "20 Nov 2026", "20 Nov 2026"]
        days = [rows.nth(place).locator("[data-label='Days overdue']").inner_text() for place in range(2)]
        assert days == ["at least 6", "6"]
        assert "8 Dec 2026 or earlier" in window(LEARNER).locator("main").inner_text()

    def test_a_snapshot_of_a_part_is_no_step_of_the_line(self, window: Open) -> None:
        page = window()
        assert "1 snapshot of a part of the courses is a hollow point beside the line" in (
            page.locator("figure").inner_text()
        )
        page.get_by_text("Show the figures as a table").click()
        heads = page.get_by_role("table", name="Completion over time").locator("tbody th").all_inner_texts()
        assert [each for each in heads if "a part" in each] == ["9 Nov 2026 a part of the courses"]

    def test_whose_requests_are_counted_is_said(self, window: Open, made_up: MadeUp) -> None:
        made_up.answers["health"]["requests_of"] = [DAG_ID, "zoho_us"]
        text = window("?view=health").locator("figure").inner_text()
        assert f"of the last hour by these DAGs: {DAG_ID}, zoho_us." in text
        assert "Whatever else uses the connection counts in the last minute only." in text


class TestNews:
    def test_a_run_that_publishes_is_noticed_and_shown_with_the_same_filters(
        self, window: Open, made_up: MadeUp
    ) -> None:
        page = window("?view=behind&department=Sales&sort=name")
        page.clock.fast_forward("01:30")
        assert page.locator("#news .toast").count() == 0
        snapshots = made_up.answers["snapshots"]
        made_up.answers["snapshots"] = {
            **snapshots,
            "files_fingerprint": "second",
            "dates": ["2026-11-27", *snapshots["dates"]],
            "latest": "2026-11-27",
        }
        made_up.answers["behind"] = {"total": 0, "rows": []}
        page.clock.fast_forward("01:30")
        page.get_by_text("New data has been published.").first.wait_for()
        assert page.locator("tbody tr").count() > 0, "the reader's lines stay until they ask for others"
        page.get_by_role("button", name="Show it").click()
        page.get_by_text("Nobody is behind for this choice").wait_for()
        assert page.get_by_label("Snapshot").locator("option").first.inner_text() == "Latest: 27 Nov 2026"
        assert (query_of(page)["department"], query_of(page)["sort"]) == (["Sales"], ["name"])
        assert page.locator("#news .toast").count() == 0

    def test_run_health_asks_anew_every_minute(self, window: Open, made_up: MadeUp) -> None:
        page = window("?view=health")
        made_up.answers["health"]["limit"]["slots_in_use"] = 3
        page.clock.fast_forward("01:30")
        page.get_by_role("group", name="Slots in use").get_by_text("3 of 30", exact=True).wait_for()

    def test_figures_over_time_that_are_still_read_come_by_themselves(
        self, window: Open, made_up: MadeUp
    ) -> None:
        from playwright.sync_api import expect

        whole = made_up.answers["overview"]
        made_up.answers["overview"] = {**whole, "over_time": whole["over_time"][-2:], "pending_days": 28}
        page = window()
        page.get_by_role("table", name="Completion by course").get_by_role("button", name="Learners").click()
        assert page.get_by_text("Older snapshots are being read: 28 days to go.").is_visible()
        made_up.answers["overview"] = {**whole, "pending_days": 0}
        page.clock.fast_forward("00:05")
        page.get_by_text("29 snapshots, from").wait_for()
        expect(page.locator("#pending .toast")).to_have_count(0)
        sorted_by = page.get_by_role("table", name="Completion by course").locator("th[aria-sort]")
        assert sorted_by.inner_text().startswith("Learners"), "the reader's order stays"


class TestWithoutAMouse:
    def test_the_first_key_leads_past_the_navigation(self, window: Open) -> None:
        page = window()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"

    def test_a_filter_is_chosen_by_keys_alone_and_keeps_the_focus(
        self, window: Open, made_up: MadeUp
    ) -> None:
        page = window(BEHIND)
        page.locator("summary").filter(has_text="Department").focus()
        for key in ("Enter", "Tab", "Space"):
            page.keyboard.press(key)
        page.wait_for_url("**department=**")
        settled(page)
        assert page.evaluate("document.activeElement.value") == DEPARTMENTS[1]
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.matches('summary')")
        assert page.locator("details.picker[open]").count() == 0

    def test_sorting_by_keys_keeps_the_focus_on_the_column(self, window: Open) -> None:
        page = window(BEHIND)
        page.get_by_role("button", name="Open mandatory").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**sort=-open_mandatory**")
        settled(page)
        assert page.evaluate("document.activeElement.matches('th button')")
        assert page.evaluate("document.activeElement.textContent").startswith("Open mandatory")
        assert page.locator("th[aria-sort=descending]").inner_text().startswith("Open mandatory")

    def test_another_view_moves_the_focus_to_its_heading_and_is_told(self, window: Open) -> None:
        page = window()
        go(page, "Who is behind")
        assert page.evaluate("document.activeElement.textContent") == "Who is behind"
        assert page.get_by_role("status").inner_text() == "Who is behind: 214 lines"

    def test_every_control_can_be_reached_and_shows_its_focus(self, window: Open) -> None:
        page = window(BEHIND)
        controls = "a[href], button, select, summary, input"
        wanted = page.locator(controls).evaluate_all(
            "all => all.filter(each => each.checkVisibility()).length"
        )
        outlined = f"""() => {{
            const {{ activeElement: now }} = document;
            return now.matches("{controls}") && getComputedStyle(now).outlineStyle === "solid";
        }}"""
        seen = 0
        for _ in range(wanted + 5):
            page.keyboard.press("Tab")
            seen += page.evaluate(outlined)
        assert seen >= wanted

    def test_on_a_phone_the_rows_are_sorted_by_a_list(self, window: Open) -> None:
        page = window(BEHIND, size=PHONE)
        page.get_by_label("Sort by").select_option("name")
        page.wait_for_url("**sort=name**")
        settled(page)
        assert page.locator("tbody tr").first.locator("[data-label=Course]").is_visible()

    def test_on_a_phone_the_filters_fold_out_and_stay_so_while_they_are_used(self, window: Open) -> None:
        page = window(f"{BEHIND}&location=Lyon", size=PHONE)
        fold = page.get_by_role("button", name="Filter or group 1 in use", exact=True)
        department = page.locator("summary").filter(has_text="Department")
        assert fold.get_attribute("aria-expanded") == "false"
        assert not department.is_visible()
        fold.focus()
        page.keyboard.press("Enter")
        assert department.is_visible()
        tick(page, "Department", "Sales")
        fold = page.get_by_role("button", name="Filter or group 2 in use", exact=True)
        assert fold.get_attribute("aria-expanded") == "true"
        assert department.is_visible()
        page.get_by_role("link", name="Clear all").click()
        settled(page)
        assert page.get_by_role("button", name="Filter or group", exact=True).is_visible()
        assert department.is_visible()
        go(page, "Learners")
        assert (
            page.get_by_role("button", name="Filters", exact=True).get_attribute("aria-expanded") == "false"
        )
        page.get_by_role("button", name="Filters", exact=True).click()
        assert department.is_visible()
        page.set_viewport_size(DESKTOP)
        assert page.locator(".fold").is_hidden()
        assert department.is_visible()

    def test_filters_that_can_not_be_had_are_not_offered(self, window: Open, made_up: MadeUp) -> None:
        datasets, made_up.answers["datasets"] = made_up.answers["datasets"], []
        page = window(BEHIND, size=PHONE)
        assert "no dataset that you may read" in page.locator("main").inner_text()
        assert page.get_by_role("search").is_hidden()
        made_up.answers["datasets"] = datasets
        page.get_by_role("button", name="Try again").click()
        settled(page)
        page.get_by_role("button", name="Filter or group").wait_for()
