"""What the deployer's ``attributes_keep`` and ``attributes_drop`` do to a run."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.steps.world import STEPS_LOGGER, World
from zoho_people.model.unit import Course
from zoho_people.storage.layout import learners_file

KEEP, DROP = "AIRFLOW__ZOHO_PEOPLE__ATTRIBUTES_KEEP", "AIRFLOW__ZOHO_PEOPLE__ATTRIBUTES_DROP"


def attributes(path: Path) -> object:
    return json.loads(pq.read_table(path)["attributes"][0].as_py())


def test_both_at_once_are_refused_before_anything_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEEP, "evaluator")
    monkeypatch.setenv(DROP, "photo")
    assert (
        "attributes_keep and attributes_drop are both set in the section [zoho_people]"
        in world.refused_check()
    )
    assert world.server.received == []


@pytest.mark.parametrize(
    ("option", "words"), [(DROP, "everything but evaluator, photo"), (KEEP, "only evaluator, photo")]
)
def test_the_choice_is_told_once(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    option: str,
    words: str,
) -> None:
    monkeypatch.setenv(option, " photo , Evaluator,")
    with caplog.at_level(logging.INFO, logger=STEPS_LOGGER):
        world.check()
    assert (
        f"Of the fields without a column attributes gets {words}, as the deployer set it" in caplog.messages
    )


def test_the_rosters_are_published_by_the_choice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DROP, "photo")
    world.params["entity_types"] = ["files"]
    world.ask_for_everybody(c1=[{"learnerId": "5", "photo": "x", "Zone": 1}])
    for each in world.plan():
        world.fetch(each)
    world.publish()
    assert attributes(world.root / learners_file(Course("1"), world.request.snapshot_date)) == {"Zone": 1}
