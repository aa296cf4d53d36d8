"""What a whole run leaves in Airflow's database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.steps.world import SPENT, World
from zoho_people.model.run_xcoms import PLAN, PUBLISHED, REQUEST, FetchItem, RunXCom

LEARNER: dict[str, Any] = {
    "learnerId": "7",
    "learnerName": "Ada Lovelace",
    "emailId": "ada@example.com",
    "status": "Half way through",
    "completionPercentage": 47.11,
}
OF_A_PERSON = ("Lovelace", "ada@", "Half way", "47.11")


@pytest.fixture
def run(world: World) -> World:
    """A run of everybody, published; the learner has a name and an address in Zoho's lists."""
    world.params["entity_types"] = ["files"]
    world.ask_for_everybody(c1=[LEARNER])
    for item in world.plan():
        world.fetch(item, 2)
    world.counted("fetch", SPENT)
    world.publish()
    return world


@pytest.mark.parametrize("xcom", [REQUEST, PLAN, PUBLISHED], ids=lambda xcom: xcom.key)
def test_each_is_read_and_written_by_its_type(run: World, xcom: RunXCom[Any]) -> None:
    told = xcom.pull(run.context()["ti"])
    assert told is not None
    assert told.to_json() == run.xcoms[xcom.task_id, xcom.key]


def test_the_items_of_the_plan_have_a_type_too(run: World) -> None:
    items = run.xcoms["plan", "return_value"]
    assert [FetchItem.from_json(item).to_json() for item in items] == items


def test_they_are_small_and_tell_nothing_of_a_person_but_the_id_that_a_task_needs(run: World) -> None:
    for (task_id, key), value in run.xcoms.items():
        text = json.dumps(value)
        assert len(text) < 4_000, (task_id, key)
        assert not [word for word in OF_A_PERSON if word in text], (task_id, key)
    assert len(json.dumps(run.xcoms["plan", "return_value"][0])) < 250
