"""What a person does in Airflow's UI, in a real browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from tests.browser import chromium, forms
from tests.emulated.journey import CLIENT_SECRET, DAG_ID, REFRESH_TOKEN, Journey
from tests.helpers.published_days import publish_days
from zoho_people.provider_info import get_provider_info

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [
    pytest.mark.emulated,
    pytest.mark.skipif(bool(chromium.missing()), reason=chromium.missing() or "nothing is missing"),
]

CONNECTION = "zoho_people_typed"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For this file only: while it is open nothing else of this process can have an event loop."""
    with chromium.browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, airflow: LocalAirflow) -> Iterator[Page]:
    context = browser.new_context(
        base_url=airflow.url, locale="en-GB", viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(chromium.PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def typed(emulator: LocalEmulator, journey: Journey) -> Iterator[dict[str, str]]:
    """What a person types into the form; the connection goes with the test."""
    yield {
        "Client ID": "emulated-client-id",
        "Client secret": CLIENT_SECRET,
        "API host (instead of the data centre's)": emulator.url,
        # Airflow 3.3.2 tests no connection from the list that has none.
        "Port of the API host": "0",
    }
    journey.airflow.api.call("DELETE", f"/connections/{CONNECTION}")


def add(page: Page, typed: dict[str, str], emulator: LocalEmulator) -> Locator:
    """Fill in the form and save it; the connection's line in the list."""
    dialog = forms.new_connection(page, CONNECTION)
    forms.fill(dialog, typed)
    forms.open_extra_fields(dialog)
    forms.fill(dialog, {"Refresh token": REFRESH_TOKEN, "Accounts server": emulator.url})
    forms.save(dialog)
    return forms.row_of(page, CONNECTION)


def result_of_test(page: Page, row: Locator) -> tuple[bool, str]:
    """Press Test; whether the connection works, and what Airflow was told."""
    with page.expect_response("**/connections/test") as answered:
        forms.press(row, "Test Connection")
    answer = answered.value.json()
    return answer.get("status", False), answer.get("message", str(answer))


def test_the_form_has_a_field_for_everything_and_hides_secrets(page: Page) -> None:
    from playwright.sync_api import expect

    (connection,) = get_provider_info()["connection-types"]
    dialog = forms.new_connection(page, CONNECTION)
    for label in connection["ui-field-behaviour"]["relabeling"].values():
        expect(forms.fields_of(dialog, label)).to_be_visible()
    expect(forms.fields_of(dialog, "Client secret")).to_have_attribute("type", "password")
    forms.open_extra_fields(dialog)
    expect(forms.fields_of(dialog, "Refresh token")).to_have_attribute("type", "password")
    expect(dialog.get_by_text("United States (people.zoho.com)")).to_be_visible()
    for field in connection["conn-fields"].values():
        expect(dialog.get_by_text(field["label"], exact=True)).to_be_visible()
        expect(dialog.get_by_text(field["description"], exact=True)).to_be_visible()


def test_a_form_that_is_saved_unchanged_keeps_its_secrets_and_test_says_that_they_work(
    page: Page, typed: dict[str, str], emulator: LocalEmulator, journey: Journey
) -> None:
    from playwright.sync_api import expect

    row = add(page, typed, emulator)
    forms.press(row, "Edit Connection")
    dialog = page.get_by_role("dialog")
    expect(forms.fields_of(dialog, "Client secret")).to_have_value("***")
    forms.open_extra_fields(dialog)
    expect(forms.fields_of(dialog, "Refresh token")).to_have_value("***")
    assert CLIENT_SECRET not in page.content()
    assert REFRESH_TOKEN not in page.content()
    forms.save(dialog)
    works, said = result_of_test(page, row)
    assert (works, len(journey.arrivals())) == (True, 1), said
    expect(page.get_by_text("Test Connection Failed")).to_be_hidden()


def test_test_says_in_words_what_is_wrong(page: Page, typed: dict[str, str], emulator: LocalEmulator) -> None:
    from playwright.sync_api import expect

    row = add(page, {**typed, "Client secret": "of-another-data-centre"}, emulator)
    works, _ = result_of_test(page, row)
    assert not works
    told = page.get_by_role("status").filter(has_text="Test Connection Failed")
    expect(told).to_contain_text("Zoho refuses to mint an access token: the client")
    expect(told).to_contain_text("made in another data centre; correct the connection's")


def test_the_run_form_starts_a_run(page: Page, journey: Journey, course: str, learners: list[str]) -> None:
    from playwright.sync_api import expect

    journey.airflow.api.wait_for_dag(DAG_ID)
    before = {run["dag_run_id"] for run in journey.airflow.api.runs(DAG_ID)}
    dialog = forms.run_form(page, DAG_ID)
    forms.fill(
        dialog, {"Courses": course, "Learners": "\n".join(learners), "Output path": str(journey.output)}
    )
    dry_run = dialog.get_by_role("checkbox", name="Dry run")
    dry_run.press("Space")
    expect(dry_run).to_be_checked()
    dialog.get_by_role("button", name="Trigger", exact=True).click()
    expect(dialog).to_be_hidden()
    # An open page asks for news every few seconds.
    page.close()
    (run_id,) = {run["dag_run_id"] for run in journey.airflow.api.runs(DAG_ID)} - before
    assert journey.finish(run_id) == "success"
    assert journey.airflow.api.run(DAG_ID, run_id)["conf"]["learner_ids"] == learners
    assert journey.arrivals() == []
    assert "A dry run ends here" in journey.log(run_id, "plan")


def test_the_grid_calls_each_task_by_course_entity_type_and_learner(
    page: Page, journey: Journey, course: str, learners: list[str]
) -> None:
    from playwright.sync_api import expect

    journey.connect(window_seconds=2)
    state, run_id = journey.run([course], [], entity_types=["files"])
    assert state == "success"
    (name,) = [each["name"] for each in journey.courses() if str(each["course_id"]) == course]
    page.goto(f"/dags/{DAG_ID}/runs/{run_id}/tasks/fetch/mapped")
    for learner in learners:
        expect(page.get_by_role("link", name=f"{name} · files · {learner}", exact=True)).to_be_visible()


def test_the_page_in_airflows_frame_gives_files_and_follows_airflows_theme(
    page: Page, journey: Journey, tmp_path: Path
) -> None:
    publish_days(journey.output)
    journey.airflow.api.wait_for_dag(DAG_ID)
    journey.airflow.api.set_variable(f"{DAG_ID}_output", str(journey.output))
    page.goto("/plugin/zoho-people/zoho-people/?view=behind")
    frame = page.frame_locator("iframe")
    frame.get_by_text("lines: one for each").wait_for()
    rows = []
    for name in ("csv", "parquet"):
        with page.expect_download() as downloading:
            frame.get_by_role("link", name=f"Download {name}").click()
        downloading.value.save_as(tmp_path / name)
    with (tmp_path / "csv").open(encoding="utf-8-sig", newline="") as lines:
        rows.append([row["learner_id"] for row in csv.DictReader(lines)])
    rows.append(pq.read_table(tmp_path / "parquet")["learner_id"].to_pylist())
    assert len(rows[0]) == len(rows[1]) == journey.page("behind")["total"] > 0
    for theme in ("Dark", "Light"):
        page.get_by_role("button", name="User").click()
        page.get_by_role("menuitem", name="Appearance").click()
        page.get_by_role("menuitemradio", name=f"{theme} Mode").click()
        frame.locator(f"html[data-theme={theme.lower()}]").wait_for(state="attached")
    journey.airflow.api.set_variable(f"{DAG_ID}_output", "")
