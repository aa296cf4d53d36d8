from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.module_loading import import_string
from airflow.sdk.serde import deserialize, serialize
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

from zoho_people.triggers.instant import InstantTrigger

PAST = datetime(2025, 11, 23, 10, 0, 0, 250_000, tzinfo=UTC)


async def only_event(trigger: InstantTrigger) -> TriggerEvent:
    events = [event async for event in trigger.run()]
    assert len(events) == 1
    return events[0]


def event_of(trigger: InstantTrigger) -> TriggerEvent:
    return asyncio.run(asyncio.wait_for(only_event(trigger), timeout=10))


@pytest.mark.parametrize("resume", [True, False])
def test_a_trigger_is_made_again_from_what_it_serialises(resume: object) -> None:
    classpath, kwargs = InstantTrigger(PAST, resume=bool(resume)).serialize()
    stored: Any = deserialize(serialize(kwargs))
    again = import_string(classpath)(**stored)
    assert isinstance(again, InstantTrigger)
    assert (again.moment, again.resume) == (PAST, resume)
    assert again.serialize() == (classpath, kwargs)


def test_an_instant_in_the_past_ends_the_task_at_once() -> None:
    assert isinstance(event_of(InstantTrigger(PAST, resume=False)), TaskSuccessEvent)


def test_the_end_of_a_task_brings_no_xcom_that_would_replace_the_tasks_own() -> None:
    event = event_of(InstantTrigger(PAST, resume=False))
    assert isinstance(event, TaskSuccessEvent)
    assert not event.xcoms


def test_an_instant_in_the_past_resumes_the_task_at_once() -> None:
    event = event_of(InstantTrigger(PAST, resume=True))
    assert type(event) is TriggerEvent
    assert event.payload == PAST.isoformat()


def test_no_event_comes_before_the_instant() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=0.2)
    event_of(InstantTrigger(moment, resume=True))
    assert datetime.now(UTC) >= moment


def test_a_wait_can_be_given_up() -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    async def give_up() -> None:
        await asyncio.wait_for(only_event(InstantTrigger(tomorrow, resume=True)), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
