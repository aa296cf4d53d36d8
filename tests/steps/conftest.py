"""The world of a run, in which no secret ever comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.in_a_task import in_a_task
from tests.helpers.local_server import LocalServer
from tests.steps.world import REFRESH_TOKEN, SECRET, World, connect


@pytest.fixture
def world(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[World]:
    world = World(server, tmp_path / "data", monkeypatch)
    world.allow(str(tmp_path))
    world.tell_pools()
    connect(monkeypatch, server)
    with in_a_task(world.airflow):
        yield world
    logged = (f"{record.getMessage()} {record.exc_text}" for record in caplog.get_records("call"))
    told = [*logged, repr(world.xcoms)]
    assert not [text for text in told if SECRET in text or REFRESH_TOKEN in text]
