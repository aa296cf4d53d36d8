"""The page in the machine's Chromium, on made-up answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser import chromium
from tests.browser.made_up import NOW, MadeUp
from tests.browser.page_server import served
from tests.web.house import LOGIN, House

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, ViewportSize

PATIENCE_MS = 60_000
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 760}

Open = Callable[..., "Page"]
Contexts = Callable[[str, str], "BrowserContext"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file of tests: while it is open nothing else of this process can have an event loop."""
    with chromium.browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the page's real app answers."""
    with served(House()) as address:
        yield address


@pytest.fixture
def made_up() -> MadeUp:
    return MadeUp()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: errors of scripts, and whatever the content policy forbids."""
    return []


@pytest.fixture(scope="module")
def contexts(browser: Browser, url: str) -> Contexts:
    """Browsers of readers, by where they are: kept for all tests, since a new one costs more than a page."""

    @cache
    def context(locale: str, timezone_id: str) -> BrowserContext:
        made = browser.new_context(
            base_url=url,
            locale=locale,
            timezone_id=timezone_id,
            reduced_motion="reduce",
            extra_http_headers={LOGIN: "reader"},
        )
        made.set_default_timeout(PATIENCE_MS)
        made.clock.install(time=NOW)
        return made

    return context


@pytest.fixture
def window(contexts: Contexts, made_up: MadeUp, complaints: list[str]) -> Iterator[Open]:
    """Opens the page at a query, on a screen and in a place of the world."""
    pages: list[Page] = []

    def note_error(error: Error) -> None:
        complaints.append(str(error))

    def note_line(line: ConsoleMessage) -> None:
        if "Content Security Policy" in line.text:
            complaints.append(line.text)

    def opened(
        query: str = "",
        *,
        size: ViewportSize = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
        locale: str = "en-GB",
        zone: str = "Europe/Berlin",
    ) -> Page:
        context = contexts(locale, zone)
        # One that a test has left: to open a new one takes as long as to load what is tested.
        left = (each for each in context.pages if each.url == "about:blank")
        page = next(left, None) or context.new_page()
        pages.append(page)
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        made_up.serve(page)
        page.on("pageerror", note_error)
        page.on("console", note_line)
        page.goto(f"/zoho-people/{query}")
        settled(page)
        return page

    yield opened
    for page in pages:
        page.evaluate("localStorage.clear()")
        page.goto("about:blank")
        page.unroute_all(behavior="ignoreErrors")
        page.remove_listener("pageerror", note_error)
        page.remove_listener("console", note_line)
    assert complaints == []


def settled(page: Page) -> None:
    """Wait until the view is there."""
    page.locator("main:not([aria-busy]) h1").wait_for()
