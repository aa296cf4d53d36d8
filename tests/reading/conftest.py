"""What the tests of questions share: some days, published once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.published_days import publish_days
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.opened import OpenDataset


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output path with four days of an emulated organisation; nobody may change it."""
    root = tmp_path_factory.mktemp("published")
    publish_days(root)
    return root


@pytest.fixture(scope="session")
def opened(published: Path) -> Iterator[OpenDataset]:
    with Dataset.at(published).open(threads=1) as one:
        yield one
