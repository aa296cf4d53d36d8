"""The page's files: all that they name is there, and nothing comes from elsewhere."""

from __future__ import annotations

import re
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from zoho_people.web.app import FILES

ECHARTS = FILES / "vendor" / "echarts"
OWN = sorted(
    path
    for path in FILES.rglob("*")
    if path.suffix in {".js", ".css", ".html"} and "vendor" not in path.parts
)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        for name, value in attrs:
            if name in {"src", "href"} and value:
                self.links.append(value)
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")

    def handle_data(self, data: str) -> None:
        if self._tag in {"script", "style"} and data.strip():
            self.inline.append(self._tag)


def test_the_page_names_files_that_are_there_and_has_nothing_inline() -> None:
    page = Page()
    page.feed((FILES / "index.html").read_text())
    named = [link for link in page.links if not link.startswith("#")]
    assert named
    assert all((FILES / link.removeprefix("static/")).is_file() for link in named), named
    assert page.inline == []


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".js"], ids=lambda path: path.stem)
def test_a_module_imports_what_is_there_and_never_parses_html(path: Path) -> None:
    source = path.read_text()
    imported = re.findall(r'(?:from|new URL\() ?"(\.[^"]+)"', source)
    assert all((path.parent / each).is_file() for each in imported), imported
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source
    )


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_comes_from_another_server(path: Path) -> None:
    assert not re.search(r"https?://|[\"'(]//", path.read_text())


def test_the_chart_library_is_the_one_that_is_told_of_with_its_licences() -> None:
    told = (ECHARTS / "README.md").read_text()
    assert sha256((ECHARTS / "echarts.common.min.js").read_bytes()).hexdigest() in told
    assert "Apache License" in (ECHARTS / "LICENSE").read_text()
    assert (ECHARTS / "NOTICE").is_file()
    assert "Mike Bostock" in (ECHARTS / "LICENSE-d3").read_text()
    assert "Baidu" in (ECHARTS / "LICENSE-zrender").read_text()
