"""The page in the machine's Chromium, on made-up answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import chromium
from tests.browser.made_up import HOST, NOW, MadeUp

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE_MS = 8_000
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 760}

Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file of tests: while it is open nothing else of this process can have an event loop."""
    with chromium.browser() as opened:
        yield opened


@pytest.fixture
def made_up() -> MadeUp:
    return MadeUp()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: errors of scripts, and whatever the content policy forbids."""
    return []


@pytest.fixture
def window(browser: Browser, made_up: MadeUp, complaints: list[str]) -> Iterator[Open]:
    """Opens the page at a query, with what Playwright's ``new_context`` takes."""
    contexts = []

    def opened(query: str = "", **look: Any) -> Page:
        usual = {
            "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
            "viewport": DESKTOP,
            "reduced_motion": "reduce",
        }
        context = browser.new_context(base_url=HOST, **{**usual, **look})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        made_up.serve(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None,
        )
        page.clock.install(time=NOW)
        page.goto(f"/zoho-people/{query}")
        settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def settled(page: Page) -> None:
    """Wait until the view is there."""
    page.locator("main:not([aria-busy]) h1").wait_for()
