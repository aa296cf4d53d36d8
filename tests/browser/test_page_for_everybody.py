"""Each view for who sees little, hears the page or has a small screen."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import chromium
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.made_up import MadeUp

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(bool(chromium.missing()), reason=chromium.missing() or "nothing is missing")

VIEWS = {
    "overview": "",
    "course": "?view=course&course=100002000000039000",
    "learners": "?view=learner",
    "learner": "?view=learner&learner_id=253200000033793007",
    "behind": "?view=behind&department=Sales",
    "health": "?view=health",
    "no such snapshot": "?snapshot_date=2024-02-29",
}
LOOKS = [("light", DESKTOP), ("dark", PHONE), ("light", PHONE), ("dark", DESKTOP)]
LARGE = {"width": 3840, "height": 2160}


def found_by_axe(page: Page) -> list[Any]:
    """What axe-core has to say against the page, in short."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    results = page.evaluate("axe.run()")
    return [
        {"rule": each["id"], "impact": each["impact"], "where": [node["html"] for node in each["nodes"]][:3]}
        for each in results["violations"]
    ]


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=["light", "dark phone", "light phone", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_and_no_line_is_wider_than_the_screen(
    window: Open, view: str, scheme: str, size: dict[str, int]
) -> None:
    page = window(VIEWS[view], color_scheme=scheme, viewport=size)
    for summary in page.locator("figure summary").all():
        summary.click()
    found = found_by_axe(page)
    assert found == [], json.dumps(found, indent=1)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("view", VIEWS)
def test_on_a_large_screen_nothing_is_wider_than_it(window: Open, view: str) -> None:
    page = window(VIEWS[view], viewport=LARGE)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("document.querySelector('main').clientWidth") > LARGE["width"] / 2


def test_what_is_loaded_does_not_move_the_page(window: Open, made_up: MadeUp) -> None:
    page = window("?view=behind")
    top = "document.querySelector('main').getBoundingClientRect().top"
    before = page.evaluate(top)
    made_up.held["behind"] = []
    page.get_by_role("button", name="Open mandatory").click()
    page.wait_for_url("**sort=-open_mandatory**")
    page.locator("main[aria-busy=true]").wait_for()
    assert page.locator("tbody tr").count() == 50, "the old lines stay until the new ones are there"
    assert page.evaluate(top) == before
    page.wait_for_timeout(0)
    made_up.release("behind")
    page.locator("main:not([aria-busy])").wait_for()
    assert page.evaluate(top) == before
