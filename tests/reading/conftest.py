"""What the tests of questions share: the published days, opened once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zoho_people.reading.dataset import Dataset
from zoho_people.reading.opened import OpenDataset


@pytest.fixture(scope="session")
def opened(published: Path) -> Iterator[OpenDataset]:
    with Dataset.at(published).open(threads=1) as one:
        yield one
