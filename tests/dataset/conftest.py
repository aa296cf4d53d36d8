from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from upath import UPath

from zoho_people.dataset.staging import Staging


@pytest.fixture(params=["file", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """An output path on the local disk, and one in an object store."""
    if request.param == "file":
        yield UPath(tmp_path / "out")
        return
    path = UPath(f"memory://{tmp_path.name}/out")
    yield path
    path.fs.store.clear()


@pytest.fixture
def staging(root: Any) -> Staging:
    return Staging(root, "run-1")
