"""Debian's Chromium, or whatever the variable ``CHROMIUM`` names, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 180_000
# As root there is no sandbox; the pages are this project's own. Nothing goes anywhere but to this machine.
_OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")


def executable() -> str | None:
    """The browser's path, if there is one."""
    named = os.environ.get(VARIABLE)
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str:
    """What there is not, and how to have it; empty where everything is there."""
    if find_spec("playwright") is None:
        return "Playwright is not installed: make venv-test"
    if executable() is None:
        return f"there is no Chromium: apt-get install chromium, or name one in the variable {VARIABLE}"
    return ""


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser for as long as the block lasts."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable(), args=_OPTIONS)
        try:
            yield opened
        finally:
            opened.close()
