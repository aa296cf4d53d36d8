"""What the documentation promises: links lead somewhere, commands exist, queries run, and nothing is left out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from local_airflow import project
from local_airflow import settings as local_settings
from tests.helpers.populated import DAYS
from zoho_people.configuration.provider_config import CONFIG, SECTION
from zoho_people.provider_info import get_provider_info
from zoho_people.publishing.course_coverage import COVERAGE_SCHEMA
from zoho_people.publishing.course_file import PROGRESS_SCHEMA
from zoho_people.steps.run_params import DEFAULTS
from zoho_people.storage.schema import CHANGES_SCHEMA, COURSES_SCHEMA, LEARNER_COURSES_SCHEMA, LEARNERS_SCHEMA

ROOT = project.ROOT
README = ROOT / "README.md"
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
LARGEST_IMAGE_BYTES = 250_000
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "include").rglob("*.md")])

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors_of(page: Path) -> set[str]:
    """The fragments that a page's headings have on GitHub."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def queries_of(page: Path) -> list[str]:
    return re.findall(r"```sql\n(.*?)```", text_of(page), re.DOTALL)


QUERIES = {query.split("\n")[0]: query for page in PAGES for query in queries_of(page)}
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


@each_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", text_of(page))):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


@each_page
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    commands = "\n".join([*FENCE.findall(text_of(page)), *re.findall(r"`(make [^`]*)`", text_of(page))])
    assert set(re.findall(r"^(?:\$ )?make ([a-z-]+)", commands, re.MULTILINE)) <= targets


def test_the_readme_is_short_and_begins_with_a_picture_and_three_ways_in() -> None:
    text = text_of(README)
    assert "](docs/images/" in text.partition("\n## ")[0]
    assert len(text.splitlines()) < 150
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[:3] == [
        "Try it",
        "Add it to your Airflow",
        "Develop it",
    ]


def test_every_picture_is_small_and_shown_somewhere() -> None:
    pictures = set(IMAGES.iterdir())
    shown = {(page.parent / link).resolve() for page in PAGES for link in LINK.findall(text_of(page))}
    assert pictures
    assert pictures <= shown
    assert not [picture.name for picture in pictures if picture.stat().st_size > LARGEST_IMAGE_BYTES]


def test_the_dag_of_the_readme_is_one() -> None:
    (code,) = re.findall(r"```python\n(\"\"\"An Airflow DAG.*?)```", text_of(README), re.DOTALL)
    found: dict[str, Any] = {}
    exec(code, found)  # noqa: S102
    assert found["dag"].dag_id == "zoho_learner_progress"
    assert {"fetch", "publish"} <= set(found["dag"].task_ids)
    assert len(code.splitlines()) <= 5


def test_the_index_has_every_page() -> None:
    index = DOCS / "README.md"
    links = {(DOCS / link).resolve() for link in LINK.findall(text_of(index))}
    assert set(DOCS.glob("*.md")) - links == {index}


@pytest.fixture(scope="module")
def folder_with_data(tmp_path_factory: pytest.TempPathFactory, populated: Path) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(populated, folder / "data")
    return folder


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_query_runs_and_finds_what_is_there(
    query: str, folder_with_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder_with_data)
    with duckdb.connect() as connection:
        assert connection.sql(query.replace("current_date", f"DATE '{DAYS[-1]}'")).fetchall()


@pytest.mark.parametrize(
    ("heading", "schema"),
    [
        ("learner_progress", PROGRESS_SCHEMA),
        ("coverage", COVERAGE_SCHEMA),
        ("courses and learners", COURSES_SCHEMA),
        ("courses and learners", LEARNERS_SCHEMA),
        ("changes", CHANGES_SCHEMA),
        ("learner_courses", LEARNER_COURSES_SCHEMA),
    ],
)
def test_every_column_is_told(heading: str, schema: pa.Schema) -> None:
    section = text_of(DOCS / "data.md").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert [name for name in schema.names if f"`{name}`" not in section] == []


def test_every_setting_is_told() -> None:
    text = text_of(DOCS / "settings.md")
    (connection,) = get_provider_info()["connection-types"]
    settings = local_settings.read(project.SETTINGS)
    names = [
        *CONFIG[SECTION]["options"],
        *connection["conn-fields"],
        *DEFAULTS,
        *(pool.name for pool in settings.pools),
        *(variable.name for variable in settings.variables),
    ]
    assert [name for name in names if f"`{name}`" not in text] == []
