"""What the tests of the page share: a page over the published days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.house import Background, House, house_of, progress_dag
from zoho_people.web.keeper import Keeper


@pytest.fixture
def background() -> Background:
    return Background()


@pytest.fixture
def keeper(tmp_path: Path, background: Background) -> Iterator[Keeper]:
    kept = Keeper(tmp_path / "kept", in_background=background)
    yield kept
    kept.close()


@pytest.fixture
def house(published: Path, keeper: Keeper) -> House:
    """A page over the published days, with a reader and somebody of HR, who may see names."""
    house = house_of(progress_dag("zoho_eu", str(published)))
    house.keeper = keeper
    return house
