"""What the tests of the page share: a page over the published days."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.house import Background, House, house_of, progress_dag
from zoho_people.web.keeper import Keeper


@pytest.fixture
def background() -> Background:
    return Background()


@pytest.fixture(scope="session")
def later() -> Background:
    """What *keeper* left for later."""
    return Background()


@pytest.fixture(scope="session")
def keeper(tmp_path_factory: pytest.TempPathFactory, later: Background) -> Iterator[Keeper]:
    """One for all tests that change nothing: what one of them has opened and counted the next finds."""
    kept = Keeper(tmp_path_factory.mktemp("kept") / "here", in_background=later)
    yield kept
    kept.close()


@pytest.fixture
def output(published: Path, tmp_path: Path) -> Path:
    """A copy that a test may change; with three entity types, since each file has to be opened."""
    few = {"entity_type=files", "entity_type=links", "entity_type=online_tests"}
    return shutil.copytree(
        published,
        tmp_path / "out",
        ignore=lambda _, names: [
            name for name in names if name.startswith("entity_type=") and name not in few
        ],
    )


@pytest.fixture
def house(published: Path, keeper: Keeper) -> House:
    """A page over the published days, with a reader and somebody of HR, who may see names."""
    house = house_of(progress_dag("zoho_eu", str(published)))
    house.keeper = keeper
    return house
