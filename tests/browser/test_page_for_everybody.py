"""Each view for who sees little, hears the page or has a small screen."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import chromium
from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.made_up import MadeUp, answers, shortened

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(bool(chromium.missing()), reason=chromium.missing() or "nothing is missing"),
]

VIEWS = {
    "overview": "",
    "course": "?view=course&course=100002000000039000",
    "learners": "?view=learner",
    "learner": "?view=learner&learner_id=253200000033793007",
    "by group": "?group_by=department",
    "course by group": "?view=course&course=100002000000039000&group_by=department",
    "behind": "?view=behind&department=Sales&due_from=2026-11-01&due_until=2026-12-31&group_by=department",
    "health": "?view=health",
    "no such snapshot": "?snapshot_date=2024-02-29",
}
LARGE = {"width": 3840, "height": 2160}


@pytest.fixture
def made_up() -> MadeUp:
    """A few lines of each table: axe-core looks at every one."""
    return MadeUp(shortened(answers()))


def found_by_axe(page: Page, *rules: str) -> list[Any]:
    """What axe-core has to say against the page, in short; by all of its rules, or by *rules*."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    results = page.evaluate("options => axe.run(options)", options)
    return [
        {"rule": each["id"], "impact": each["impact"], "where": [node["html"] for node in each["nodes"]][:3]}
        for each in results["violations"]
    ]


def too_wide(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_and_no_line_is_wider_than_the_screen(window: Open, view: str) -> None:
    page = window(VIEWS[view])
    for summary in page.locator("figure summary").all():
        summary.click()
    # What is read out depends on the width, what can be read on the colours.
    for scheme, size, rules in (
        ("light", DESKTOP, ()),
        ("dark", DESKTOP, ("color-contrast",)),
        ("dark", PHONE, ()),
        ("light", PHONE, ("color-contrast",)),
    ):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        page.locator(f"html[data-theme={scheme}]").wait_for(state="attached")
        for fold in page.locator(".fold:visible").all():
            fold.click()
        found = found_by_axe(page, *rules)
        assert found == [], (scheme, size, json.dumps(found, indent=1))
        assert too_wide(page) <= 0, size
    page.set_viewport_size(LARGE)
    assert too_wide(page) <= 0
    assert page.evaluate("document.querySelector('main').clientWidth") > LARGE["width"] / 2


def test_what_is_loaded_does_not_move_the_page(window: Open, made_up: MadeUp) -> None:
    page = window("?view=behind")
    lines = page.locator("tbody tr").count()
    top = "document.querySelector('main').getBoundingClientRect().top"
    before = page.evaluate(top)
    made_up.held["behind"] = []
    page.get_by_role("button", name="Open mandatory").click()
    page.wait_for_url("**sort=-open_mandatory**")
    page.locator("main[aria-busy=true]").wait_for()
    assert page.locator("tbody tr").count() == lines > 0, "the old lines stay until the new ones are there"
    assert page.evaluate(top) == before
    page.wait_for_timeout(0)
    made_up.release("behind")
    page.locator("main:not([aria-busy])").wait_for()
    assert page.evaluate(top) == before
