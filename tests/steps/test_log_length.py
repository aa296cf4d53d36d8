"""A log is read to its end: the package tells less than 30 lines of a step, whatever goes wrong in a run."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.helpers.fakes import page
from tests.steps.world import World
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.storage.layout import state_file

MOST = 30
COURSES = range(100, 132)
TYPES = ["files", "links", "online_tests"]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def lines(told: pytest.LogCaptureFixture) -> list[str]:
    """The lines that the package has logged since the last look."""
    found = [record.getMessage() for record in told.records if record.name.startswith("zoho_people")]
    told.clear()
    return [line for message in found for line in message.splitlines()]


def test_a_step_tells_its_story_in_few_lines_where_much_goes_wrong(
    world: World, told: pytest.LogCaptureFixture
) -> None:
    world.params["entity_types"] = TYPES
    listed = {f"c{number}": [11, 12] if number % 2 else None for number in COURSES}
    world.ask_for_everybody(**listed)
    assert 0 < len(lines(told)) < MOST
    for number in COURSES:
        path = world.root / state_file(Course(str(number)))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"damaged")

    world.plan()

    said = lines(told)
    assert len(said) < MOST
    assert sum("The learners of course" in line for line in said) == 4
    assert sum("can't be read" in line for line in said) == 4
    for unit in world.plan_file.to_fetch(0, 10_000):
        count = 2 if unit.entity_type is EntityType.FILES else 0
        world.staging.add_page(unit, page(0, count), datetime.now(UTC), world.run_id)

    with suppress(AirflowFailException):
        world.publish()

    assert 0 < len(lines(told)) < MOST

    with suppress(AirflowFailException):
        world.report()

    assert 0 < len(lines(told)) < MOST
