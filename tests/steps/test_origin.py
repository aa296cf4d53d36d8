"""A dataset belongs to one organisation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.local_server import says
from tests.steps.world import LEARNERS, REFRESH_TOKEN, SECRET, World, item, refusal
from zoho_people.zoho.origin import EMULATOR

EU = "people.zoho.eu, client 0a1b2c3d4e5f"


def note(root: Path, *origins: str) -> Path:
    path = root / "_state/origin.json"
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
    path = note(world.root, EU)
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
    note(world.root, EU)
    assert "nothing is published: the dataset has data of" in refusal(world.publish)
    assert world.files("learner_progress") == []


def test_wrong_credentials_claim_no_dataset(world: World) -> None:
    world.server.script(says({"error": "invalid_client"}))
    world.refused_check()
    assert world.files("_state") == []


class TestARootOfNames:
    """All output paths of a deployment share it."""

    @pytest.fixture
    def people(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("AIRFLOW__ZOHO_PEOPLE__LEARNERS_ROOT", str(tmp_path / "people"))
        return tmp_path / "people"

    def test_is_the_first_runs_that_is_not_dry(self, world: World, people: Path) -> None:
        world.params["dry_run"] = True
        world.check()
        assert not (people / "_state/origin.json").exists()
        world.params["dry_run"] = False
        world.check()
        for root in (world.root, people):
            assert json.loads((root / "_state/origin.json").read_text()) == {"origins": [EMULATOR]}
        world.params["output_path"] = str(world.root / "team")
        world.begin_run("another")
        world.check()

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_of_another_organisation_is_refused_before_anything_is_sent(
        self, world: World, people: Path, *, dry_run: bool
    ) -> None:
        path = note(people, EU)
        world.params["dry_run"] = dry_run
        why = world.refused_check()
        assert f"has data of {EU}, this run would bring that of {EMULATOR}" in why
        assert "[zoho_people] learners_root, one for all organisations of an Airflow: leave it empty" in why
        assert f'add "{EMULATOR}" to the list in {path}' in why
        assert "output_path" not in why
        assert world.server.received == []
        assert not (world.root / "_state/origin.json").exists()

    def test_is_looked_at_once_more_before_anything_is_published(self, world: World, people: Path) -> None:
        world.params["entity_types"] = ["files"]
        world.plan()
        for learner in LEARNERS:
            world.fetch(item(learner), 1)
        note(people, EU)
        assert "nothing is published: the dataset has data of" in refusal(world.publish)
        assert world.files("learner_progress") == []

    def test_is_claimed_by_publishing_where_its_note_was_lost(self, world: World, people: Path) -> None:
        world.params["entity_types"] = ["files"]
        world.plan()
        for learner in LEARNERS:
            world.fetch(item(learner), 1)
        (people / "_state/origin.json").unlink()
        world.publish()
        assert json.loads((people / "_state/origin.json").read_text()) == {"origins": [EMULATOR]}

    def test_with_names_from_before_there_were_notes_is_taken_for_zohos(
        self, world: World, people: Path
    ) -> None:
        (people / "learners" / "snapshot_date=2026-11-01").mkdir(parents=True)
        assert "nothing says that they are an emulator's" in world.refused_check()
        assert world.server.received == []
