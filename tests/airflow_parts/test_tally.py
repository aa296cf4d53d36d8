from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.airflow_parts.fakes import context, fails
from zoho_people.move import Move, Then
from zoho_people.tally import Tally, total

NOTHING = {"requests": 0, "held_seconds": 0.0, "first_at": None, "last_at": None, "by_day": {}}
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC).timestamp()


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
    assert tally.figures() == {
        "requests": 2,
        "held_seconds": 114.25,
        "first_at": 100.0,
        "last_at": 160.0,
        "by_day": {"1970-01-01": 2},
    }


def test_each_request_counts_for_the_utc_day_on_which_it_was_answered() -> None:
    tally = Tally.of(context())
    for at in (MIDNIGHT - 60.0, MIDNIGHT - 0.001, MIDNIGHT):
        tally.add(Move(Then.ASK_AGAIN, at + 57.0, at))
    assert tally.figures()["by_day"] == {"2026-11-23": 2, "2026-11-24": 1}


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
    assert again.figures() == {
        "requests": 2,
        "held_seconds": 114.0,
        "first_at": 100.0,
        "last_at": 160.0,
        "by_day": {"1970-01-01": 2},
    }


def test_a_count_that_cannot_be_kept_still_goes_on_in_this_process() -> None:
    task = context()
    task["task_state_store"].set = fails(OSError("no API server"))
    tally = Tally.of(task)
    tally.add(Move(Then.ASK_AGAIN, 157.0, 100.0))
    tally.add(Move(Then.END, 217.0, 160.0))
    assert (tally.figures()["requests"], tally.figures()["by_day"]) == (2, {"1970-01-01": 2})


def test_many_tasks_add_up_to_one_run() -> None:
    days = [{"2026-11-23": 2, "2026-11-24": 1}, {"2026-11-24": 1}]
    results = [
        {
            "pages": 2,
            "requests": 3,
            "held_seconds": 171.5,
            "first_at": 5.0,
            "last_at": 9.0,
            "by_day": days[0],
        },
        {"pages": 1, "requests": 1, "held_seconds": 57.0, "first_at": 3.0, "last_at": 3.0, "by_day": days[1]},
        {"pages": 0, **NOTHING},
    ]
    assert total(results) == {
        "requests": 4,
        "pages": 3,
        "held_seconds": 228.5,
        "first_at": 3.0,
        "last_at": 9.0,
        "by_day": {"2026-11-23": 2, "2026-11-24": 2},
    }


def test_no_task_at_all_spent_nothing() -> None:
    assert total([]) == {**NOTHING, "pages": 0}
