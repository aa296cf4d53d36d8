"""A dataset belongs to one organisation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.local_server import says
from tests.steps.world import LEARNERS, REFRESH_TOKEN, SECRET, World, item, refusal
from zoho_people.zoho.origin import EMULATOR

EU = "people.zoho.eu, client 0a1b2c3d4e5f"


def note(world: World, *origins: str) -> Path:
    path = world.root / "_state/origin.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"origins": origins}))
    return path


def test_the_first_run_notes_where_its_data_comes_from(world: World) -> None:
    world.check()
    assert json.loads((world.root / "_state/origin.json").read_text()) == {"origins": [EMULATOR]}
    world.begin_run("another")
    world.check()


def test_a_dry_run_notes_nothing(world: World) -> None:
    world.params["dry_run"] = True
    world.check()
    assert world.files("_state") == []


def test_a_run_of_another_organisation_is_refused_before_anything_is_sent(world: World) -> None:
    path = note(world, EU)
    why = world.refused_check()
    assert f"has data of {EU}, this run would bring that of {EMULATOR}" in why
    assert str(path) in why
    assert world.server.received == []


def test_real_credentials_are_refused_where_a_demo_has_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.check()
    sent = len(world.server.received)
    monkeypatch.setenv(
        "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT",
        json.dumps(
            {
                "conn_type": "zoho_people",
                "login": "1000.CLIENT",
                "password": SECRET,
                "extra": {"refresh_token": REFRESH_TOKEN, "data_center": "eu"},
            }
        ),
    )
    world.begin_run("real")
    assert (
        f"has data of {EMULATOR}, this run would bring that of people.zoho.eu, client "
        in world.refused_check()
    )
    assert len(world.server.received) == sent


def test_a_run_that_was_overtaken_publishes_nothing(world: World) -> None:
    world.params["entity_types"] = ["files"]
    world.plan()
    for learner in LEARNERS:
        world.fetch(item(learner), 1)
    note(world, EU)
    assert "nothing is published: the dataset has data of" in refusal(world.publish)
    assert world.files("learner_progress") == []


def test_wrong_credentials_claim_no_dataset(world: World) -> None:
    world.server.script(says({"error": "invalid_client"}))
    world.refused_check()
    assert world.files("_state") == []
