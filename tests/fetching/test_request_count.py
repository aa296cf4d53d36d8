from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.helpers.counts import MemoryCounts
from tests.helpers.fakes import context, fails
from tests.helpers.faults import failing
from zoho_people.fetching.next_step import NextStep, Then
from zoho_people.fetching.request_count import RequestCount
from zoho_people.operators.paced import spender_of
from zoho_people.shared.ledger import DailyLedger

NOTHING = {"requests": 0, "held_seconds": 0.0, "first_at": None, "last_at": None, "by_day": {}, "locked": []}
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC).timestamp()


def test_a_task_that_sent_nothing_has_spent_nothing() -> None:
    assert RequestCount.of(context()["task_state_store"]).spent.to_json() == NOTHING


def test_a_move_without_request_counts_nothing() -> None:
    tally = RequestCount.of(context()["task_state_store"])
    tally.add(NextStep(Then.ASK_AGAIN, 500.0))
    assert tally.spent.to_json() == NOTHING


def test_requests_and_held_seconds_add_up() -> None:
    tally = RequestCount.of(context()["task_state_store"])
    tally.add(NextStep(Then.ASK_AGAIN, 157.0, 100.0))
    tally.add(NextStep(Then.END, 217.25, 160.0))
    assert tally.spent.to_json() == {
        "requests": 2,
        "held_seconds": 114.25,
        "first_at": 100.0,
        "last_at": 160.0,
        "by_day": {"1970-01-01": 2},
        "locked": [],
    }


def test_each_request_counts_for_the_utc_day_on_which_it_was_answered() -> None:
    tally = RequestCount.of(context()["task_state_store"])
    for at in (MIDNIGHT - 60.0, MIDNIGHT - 0.001, MIDNIGHT):
        tally.add(NextStep(Then.ASK_AGAIN, at + 57.0, at))
    assert tally.spent.to_json()["by_day"] == {"2026-11-23": 2, "2026-11-24": 1}


def test_a_wait_that_is_over_holds_nothing() -> None:
    tally = RequestCount.of(context()["task_state_store"])
    tally.add(NextStep(Then.END, 99.0, 100.0))
    assert tally.spent.to_json()["held_seconds"] == 0.0


def test_the_count_goes_on_after_a_deferral_or_a_retry() -> None:
    task = context()
    RequestCount.of(task["task_state_store"]).add(NextStep(Then.ASK_AGAIN, 157.0, 100.0))
    task["task_state_store"].kept = json.loads(json.dumps(task["task_state_store"].kept))
    again = RequestCount.of(task["task_state_store"])
    again.add(NextStep(Then.END, 217.0, 160.0))
    assert again.spent.to_json() == {
        "requests": 2,
        "held_seconds": 114.0,
        "first_at": 100.0,
        "last_at": 160.0,
        "by_day": {"1970-01-01": 2},
        "locked": [],
    }


def test_a_count_that_cannot_be_kept_still_goes_on_in_this_process() -> None:
    task = context()
    task["task_state_store"].set = fails(OSError("no API server"))
    tally = RequestCount.of(task["task_state_store"])
    tally.add(NextStep(Then.ASK_AGAIN, 157.0, 100.0))
    tally.add(NextStep(Then.END, 217.0, 160.0))
    assert (tally.spent.to_json()["requests"], tally.spent.to_json()["by_day"]) == (2, {"1970-01-01": 2})


class TestWhatIsEntered:
    @staticmethod
    def asked(task: Any, *instants: float) -> RequestCount:
        tally = RequestCount.of(task["task_state_store"])
        for at in instants:
            tally.add(NextStep(Then.ASK_AGAIN, at + 57.0, at))
        return tally

    @pytest.fixture
    def ledger(self) -> DailyLedger:
        return DailyLedger(MemoryCounts())

    def test_is_what_was_sent_on_the_day_of_the_last_request(self, ledger: DailyLedger) -> None:
        self.asked(context(), MIDNIGHT - 60.0, MIDNIGHT, MIDNIGHT + 60.0).enter(ledger, "task-a")
        assert ledger.spent(date(2026, 11, 24)) == 2

    def test_is_not_counted_twice_by_another_try(self, ledger: DailyLedger) -> None:
        task = context()
        self.asked(task, MIDNIGHT).enter(ledger, "task-a")
        self.asked(task, MIDNIGHT + 60.0).enter(ledger, "task-a")
        assert ledger.spent(date(2026, 11, 24)) == 2

    def test_is_nothing_where_nothing_was_sent(self, ledger: DailyLedger) -> None:
        ledger.book("run", {date(2026, 11, 24): 5}, today=date(2026, 11, 24))
        RequestCount.of(context()["task_state_store"]).enter(ledger, "task-a")
        assert ledger.spent(date(2026, 11, 24)) == 5

    def test_raises_nothing_since_the_slot_must_be_held(
        self, ledger: DailyLedger, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = failing(ledger, "book", OSError("no API server"))
        self.asked(context(), MIDNIGHT).enter(broken, "task-a")
        assert "could not be entered" in caplog.text

    def test_has_a_name_for_each_task_instance_of_each_run(self) -> None:
        tasks = [context(), context(run_id="another"), context(), context(), context()]
        tasks[2]["ti"].map_index = 1
        tasks[3]["ti"].task_id = "other"
        tasks[4]["ti"].dag_id = "other"
        names = {spender_of(task) for task in tasks}
        assert len(names) == 5
        assert spender_of(context()) in names
        assert all(re.fullmatch("task-[0-9a-f]{16}", name) for name in names)


def test_a_lock_counts_once_however_many_requests_met_it_and_also_where_nothing_was_sent() -> None:
    tally = RequestCount.of(context()["task_state_store"])
    tally.add(NextStep(Then.ASK_AGAIN, 400.0, 100.0, lock=(100.0, 400.0)))
    tally.add(NextStep(Then.ASK_AGAIN, 400.0, lock=(150.0, 400.5)))
    tally.add(NextStep(Then.ASK_AGAIN, 900.0, 600.0, lock=(600.0, 900.0)))
    figures = tally.spent.to_json()
    assert (figures["requests"], figures["locked"]) == (2, [[100.0, 400.5], [600.0, 900.0]])
    assert tally.spent.locked_seconds == 600.5


def test_a_lock_that_was_met_before_anything_was_sent_outlives_the_deferral() -> None:
    task = context()
    RequestCount.of(task["task_state_store"]).add(NextStep(Then.ASK_AGAIN, 400.0, lock=(150.0, 400.0)))
    assert RequestCount.of(task["task_state_store"]).spent.to_json()["locked"] == [[150.0, 400.0]]
