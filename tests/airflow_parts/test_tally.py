from __future__ import annotations

import json

from tests.airflow_parts.fakes import context
from zoho_people.move import Move, Then
from zoho_people.tally import Tally, total

NOTHING = {"requests": 0, "held_seconds": 0.0, "first_at": None, "last_at": None}


def test_a_task_that_sent_nothing_has_spent_nothing() -> None:
    assert Tally.of(context()).figures() == NOTHING


def test_a_move_without_request_counts_nothing() -> None:
    tally = Tally.of(context())
    tally.add(Move(Then.ASK_AGAIN, 500.0))
    assert tally.figures() == NOTHING


def test_requests_and_held_seconds_add_up() -> None:
    tally = Tally.of(context())
    tally.add(Move(Then.ASK_AGAIN, 157.0, 100.0))
    tally.add(Move(Then.END, 217.25, 160.0))
    assert tally.figures() == {"requests": 2, "held_seconds": 114.25, "first_at": 100.0, "last_at": 160.0}


def test_a_wait_that_is_over_holds_nothing() -> None:
    tally = Tally.of(context())
    tally.add(Move(Then.END, 99.0, 100.0))
    assert tally.figures()["held_seconds"] == 0.0


def test_the_count_goes_on_after_a_deferral_or_a_retry() -> None:
    task = context()
    Tally.of(task).add(Move(Then.ASK_AGAIN, 157.0, 100.0))
    task["task_state_store"].kept = json.loads(json.dumps(task["task_state_store"].kept))
    again = Tally.of(task)
    again.add(Move(Then.END, 217.0, 160.0))
    assert again.figures() == {"requests": 2, "held_seconds": 114.0, "first_at": 100.0, "last_at": 160.0}


def test_many_tasks_add_up_to_one_run() -> None:
    results = [
        {"pages": 2, "requests": 3, "held_seconds": 171.5, "first_at": 5.0, "last_at": 9.0},
        {"pages": 1, "requests": 1, "held_seconds": 57.0, "first_at": 3.0, "last_at": 3.0},
        {"pages": 0, **NOTHING},
    ]
    expected = {"requests": 4, "pages": 3, "held_seconds": 228.5, "first_at": 3.0, "last_at": 9.0}
    assert total(results) == expected


def test_no_task_at_all_spent_nothing() -> None:
    assert total([]) == {**NOTHING, "pages": 0}
