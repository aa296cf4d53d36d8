"""`make screenshots`: the pictures of docs/images/, of a real Airflow and one run against the emulator.

The organisation is the emulator's, made up from a seed; times are those of the run. The same pages on a phone and
in the dark go to build/screenshots/, for a person to look at. The page of learner progress is shown on made-up
answers: one run has no history.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_airflow import project
from local_airflow import settings as local_settings
from local_airflow.emulator import LocalEmulator, url_at
from local_airflow.instance import LocalAirflow
from local_airflow.stack import EMULATOR_PORT
from tests.browser import chromium, forms
from tests.browser.made_up import NOW, MadeUp
from tests.browser.page_server import served
from tests.web.house import LOGIN, House

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DAG_ID = "zoho_learner_progress"
RUN_ID = "first_run"
ENTITY_TYPES = ["files", "online_tests"]
IMAGES = project.ROOT / "docs" / "images"
OTHERS = project.ROOT / "build" / "screenshots"
LOOKS: dict[str, dict[str, Any]] = {
    "": {},
    "-phone": {"viewport": {"width": 390, "height": 844}},
    "-dark": {"color_scheme": "dark"},
}
# View, file, and how it is looked at.
PROGRESS_VIEWS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("?view=overview", "page-overview", {"viewport": {"width": 1360, "height": 1000}}),
    (
        "?view=behind&department=Sales&min_days_overdue=30",
        "page-behind-phone",
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    ),
    ("?view=health", "page-health", {"viewport": {"width": 1360, "height": 1000}}),
)
# Assets have it in their URIs: it is the same on every machine.
HOME = Path(tempfile.gettempdir()) / "zoho-screenshots"
RUN_S = 900


def main(images: Path = IMAGES, others: Path = OTHERS) -> int:
    """Write every picture; 0, or 1 after saying what is in the way."""
    if reason := chromium.missing():
        sys.stderr.write(f"{reason}\n")
        return 1
    for folder in (images, others):
        folder.mkdir(parents=True, exist_ok=True)
    progress(images)
    with _airflow() as (airflow, emulator), chromium.browser() as browser:
        course = _run(airflow, emulator)
        for look, options in LOOKS.items():
            for name, page in _pages(browser, airflow.url, course, options):
                path = (others if look else images) / f"{name}{look}.png"
                page.screenshot(path=path)
                sys.stdout.write(f"{path}\n")
    return 0


def progress(images: Path) -> None:
    """The pictures of the page of learner progress."""
    with served(House()) as url, chromium.browser() as browser:
        for query, name, look in PROGRESS_VIEWS:
            context = browser.new_context(
                base_url=url,
                locale="en-GB",
                timezone_id="Europe/Berlin",
                reduced_motion="reduce",
                extra_http_headers={LOGIN: "reader"},
                **look,
            )
            page = context.new_page()
            page.clock.set_fixed_time(NOW)
            MadeUp().serve(page)
            page.goto(f"/zoho-people/{query}")
            page.locator("main:not([aria-busy]) h1").wait_for()
            for chart in page.locator(".chart").all():
                chart.locator("svg path").first.wait_for(state="attached")
            page.screenshot(path=images / f"{name}.png")
            sys.stdout.write(f"{images / name}.png\n")


@contextmanager
def _airflow() -> Iterator[tuple[LocalAirflow, LocalEmulator]]:
    # One that was killed left its own.
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(mode=0o700)
    try:
        with LocalEmulator(courses=1, learners=3, seed=43) as emulator:
            usual = local_settings.read(project.SETTINGS)
            settings = usual.with_service_at(url_at(EMULATOR_PORT), emulator.url)
            roots = {"AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(HOME / "data")}
            with LocalAirflow(HOME / "airflow", env=roots, settings=settings) as airflow:
                yield airflow, emulator
    finally:
        shutil.rmtree(HOME)


def _run(airflow: LocalAirflow, emulator: LocalEmulator) -> dict[str, Any]:
    """Run the DAG for one course, whose learners Zoho's lists name; the course."""
    (course,) = emulator.control.organisation()["courses"]
    output = {"output_path": str(HOME / "data")}
    conf = {"courses": [course["course_id"]], "entity_types": ENTITY_TYPES, **output}
    airflow.api.wait_for_dag(DAG_ID)
    run_id = airflow.api.trigger_dag(DAG_ID, conf, run_id=RUN_ID)
    if (state := airflow.api.wait_for_run(DAG_ID, run_id, timeout_s=RUN_S)) != "success":
        raise SystemExit(f"the run ended as {state}")
    return dict(course)


def _pages(
    browser: Browser, url: str, course: dict[str, Any], look: dict[str, Any]
) -> Iterator[tuple[str, Page]]:
    """Each picture's name, and the page when it shows what it should."""
    page = _opened(browser, url, height=560, look=look)
    page.goto(f"/dags/{DAG_ID}/runs/{RUN_ID}/tasks/fetch/mapped")
    page.get_by_role("link", name=f"{course['name']} · {ENTITY_TYPES[0]}").first.wait_for()
    yield "grid", page
    page.goto(f"/dags/{DAG_ID}/runs/{RUN_ID}/tasks/report")
    page.get_by_text("Summary of").wait_for()
    yield "report", page
    page.goto("/assets")
    page.get_by_role("link", name="learner_progress").first.wait_for()
    yield "assets", page

    page = _opened(browser, url, height=1000, look=look)
    dialog = forms.new_connection(page, "zoho_people_default")
    forms.open_extra_fields(dialog)
    dialog.get_by_text("Daily limit", exact=True).wait_for()
    yield "connection", page
    dialog = forms.run_form(page, DAG_ID)
    forms.fill(dialog, {"Courses": course["course_id"]})
    dialog.get_by_text("Run Parameters").scroll_into_view_if_needed()
    yield "run-form", page


def _opened(browser: Browser, url: str, *, height: int, look: dict[str, Any]) -> Page:
    usual = {"viewport": {"width": 1360, "height": height}, "locale": "en-GB", "reduced_motion": "reduce"}
    context = browser.new_context(base_url=url, **{**usual, **look})
    context.set_default_timeout(chromium.PATIENCE_MS)
    return context.new_page()


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
