from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk import DAG

from tests.helpers.fakes import Clock
from tests.notifications.notes import Notes
from zoho_people.notifications.alert import Alert
from zoho_people.notifications.lock_news import is_mine, tell_lock
from zoho_people.shared.text import MemoryText, SharedText


class Tasks:
    """Tasks of one DAG that meet locks, a clock that all share, and the texts in which they tell each other."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.texts: dict[str, SharedText] = {}
        self.notes = Notes("{{ zoho_people.message }}")

    def shared(self, key: str, description: str) -> SharedText:
        assert description
        return self.texts.setdefault(key, MemoryText())

    def meet(self, *, until: float, dag_id: str = "zoho_eu", conn_id: str = "zoho_eu") -> None:
        """A task of *dag_id* meets a lock that lasts *until* seconds from the start."""
        context: Any = {"dag": DAG(dag_id, schedule=None), "run_id": "manual__1"}
        alert = Alert.of("on_lock", self.notes)
        time = {"clock": self.clock.time, "sleep": self.clock.sleep}
        tell_lock(alert, context, Clock().now + until, conn_id=conn_id, shared=self.shared, **time)


@pytest.fixture
def tasks() -> Tasks:
    return Tasks()


def test_thirty_tasks_that_meet_a_lock_tell_of_it_once(tasks: Tasks) -> None:
    for second in range(30):
        tasks.meet(until=300.0 + second / 10)
        tasks.clock.sleep(2.0)
    assert tasks.notes.sent == [
        "Zoho's API is locked until 2025-11-24T16:05:00+00:00. "
        "Nothing is lost: the run waits, and asks again then."
    ]
    assert tasks.notes.facts[0]["locked_until"] == "2025-11-24T16:05:00+00:00"


def test_the_next_lock_is_told_too(tasks: Tasks) -> None:
    tasks.meet(until=300.0)
    tasks.clock.now += 290.0
    tasks.meet(until=600.0)
    assert len(tasks.notes.sent) == 1
    tasks.clock.now += 10.0
    tasks.meet(until=600.0)
    assert len(tasks.notes.sent) == 2


def test_each_dag_and_each_connection_is_told(tasks: Tasks) -> None:
    tasks.meet(until=300.0)
    tasks.meet(until=300.0, dag_id="other")
    tasks.meet(until=300.0, conn_id="zoho_us")
    assert len(tasks.notes.sent) == 3


def test_what_a_connection_and_a_dag_are_called_mixes_no_two_of_them_up(tasks: Tasks) -> None:
    tasks.meet(until=300.0, conn_id="a", dag_id="b_c")
    tasks.meet(until=300.0, conn_id="a_b", dag_id="c")
    assert len(tasks.notes.sent) == 2


def test_the_longest_names_have_a_variable_that_airflow_can_store(tasks: Tasks) -> None:
    tasks.meet(until=300.0, conn_id="a" * 200, dag_id="b" * 200)
    tasks.meet(until=300.0, conn_id="a" * 200, dag_id="b" * 199)
    assert len(tasks.notes.sent) == 2
    assert max(map(len, tasks.texts)) <= 250


def test_of_tasks_at_one_moment_one_is_elected() -> None:
    clock, told, ballot = Clock(), MemoryText(), MemoryText()

    def another_stands(seconds: float) -> None:
        """While the first lets others stand one does, and has the last word."""
        ballot.save(f"{clock.now:.3f} another")

    assert not is_mine(clock.now + 300.0, told=told, ballot=ballot, clock=clock.time, sleep=another_stands)
    assert told.load() is None


class Unreachable(Tasks):
    """They can't tell each other anything."""

    def shared(self, key: str, description: str) -> SharedText:
        raise OSError("no API server")


def test_trouble_is_logged_and_raises_nothing_since_the_slot_must_be_held(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = Unreachable()
    tasks.meet(until=300.0)
    assert tasks.notes.sent == []
    assert "on_lock: Notes could not be sent" in caplog.text
