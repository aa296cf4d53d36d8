"""What holds for all tests."""

from __future__ import annotations

import atexit
import gc
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from upath import UPath

from tests.helpers.local_server import LocalServer, running_server
from tests.helpers.metrics_backend import Backend, metrics_off

if TYPE_CHECKING:
    from zoho_people.staging.progress_pages import Staging

# Hypothesis judges what it finds, not how long a busy machine took to find it.
settings.register_profile("any machine", deadline=None, max_examples=20)
settings.load_profile("any machine")


LONGEST = (
    "test_wheel",
    "test_page",
    "test_chaos",
    "test_main_job",
    "test_limits",
    "test_company",
    "test_typed_text",
    "test_quota",
    "test_local_airflow",
    "test_organisations",
    "test_least_data",
)
"""The files that take longest, in their order: they begin, so that none is left alone at the end."""


_ALL_COMPONENTS = re.compile(r"^pytestmark = (\[\s+)?pytest\.mark\.component\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of components alone is not imported where these are left out: it brings S3 and browsers along."""
    if config.option.markexpr != "not component" or not collection_path.name.startswith("test_"):
        return None
    return bool(_ALL_COMPONENTS.search(collection_path.read_text())) or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_collection() -> None:
    """What is collected stays to the end: no collection of garbage has to go through it, now or later."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.enable()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody shall take a run without a browser for one with it."""
    skipped = [report for report in terminalreporter.getreports("skipped") if "browser" in report.nodeid]
    if skipped:
        terminalreporter.section("NOTHING WAS TESTED IN A BROWSER", sep="!", red=True, bold=True)
        for reason in sorted({str(report.longrepr[2]) for report in skipped}):
            terminalreporter.write_line(reason, red=True)


# Airflow reads its configuration when it is imported, which the test modules do.
_HOME = tempfile.mkdtemp(prefix="airflow-home-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith(("AIRFLOW_", "_AIRFLOW_"))]:
    del os.environ[_name]
os.environ["AIRFLOW_HOME"] = _HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with running_server() as local:
        yield local


@pytest.fixture
def object_store(tmp_path: Path) -> Iterator[Any]:
    """An output path in an object store."""
    path = UPath(f"memory://{tmp_path.name}/out")
    yield path
    path.fs.store.clear()


@pytest.fixture(params=["file", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An output path on the local disk, and one in an object store.

    Tests that would show nothing more on a disk have a *root* of their own, which is *object_store*.
    """
    return UPath(tmp_path / "out") if request.param == "file" else request.getfixturevalue("object_store")


@pytest.fixture(scope="session")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output path with every dataset in it, to read and to copy: to make it anew for each test takes long."""
    from tests.helpers.populated import populate

    path = tmp_path_factory.mktemp("populated") / "out"
    populate(UPath(path))
    return path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output path with some days of an emulated organisation; nobody may change it."""
    from tests.helpers.published_days import publish_days

    root = tmp_path_factory.mktemp("published")
    publish_days(root)
    return root


@pytest.fixture
def staging(root: Any) -> Staging:
    from zoho_people.staging.progress_pages import Staging

    return Staging(root, "run-1")


@pytest.fixture
def backend() -> Iterator[Backend]:
    """Where Airflow's metrics go during the test; nowhere before and after it."""
    from airflow.sdk.observability import stats

    backend, off = Backend(), metrics_off()  # before the test changes what is configured
    stats.initialize(factory=lambda: backend, export_legacy_names=True)  # type: ignore[arg-type, return-value]
    yield backend
    stats.initialize(factory=off, export_legacy_names=True)
