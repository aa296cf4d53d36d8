"""The world of a run, in which no secret ever comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.local_server import LocalServer
from tests.steps.world import REFRESH_TOKEN, SECRET, World, connect
from zoho_people.hooks import zoho_people as hook_module


@pytest.fixture
def world(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[World]:
    world = World(server, tmp_path / "data", monkeypatch)
    world.allow(str(tmp_path))
    world.tell_pools()
    monkeypatch.setattr("zoho_people.shared.variables.Variable", world.airflow)
    monkeypatch.setattr(hook_module, "in_task", lambda: True)
    monkeypatch.setattr(hook_module, "CLAIM_SETTLE_S", 0.0)
    monkeypatch.setattr(hook_module, "GATE_SETTLE_S", 0.0)
    connect(monkeypatch, server)
    yield world
    logged = (f"{record.getMessage()} {record.exc_text}" for record in caplog.get_records("call"))
    told = [*logged, repr(world.xcoms)]
    assert not [text for text in told if SECRET in text or REFRESH_TOKEN in text]
