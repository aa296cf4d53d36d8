"""The daily quota: planned with, shared, and met in mid-run, in a real Airflow."""

from __future__ import annotations

import pytest

from tests.emulated.journey import FEW_TYPES, Journey, comparable, truth_of

pytestmark = pytest.mark.emulated

POSTPONED = "postponed: no requests are left for it today"


@pytest.fixture
def journey(journey: Journey) -> Journey:
    """With a short window: these tests are not about the pace."""
    journey.shorten(5.0)
    return journey


def test_a_run_that_exceeds_the_daily_budget_goes_on_the_next_days_until_all_had_their_turn(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.connect(daily_limit=6, reserve_percent=10)
    for fetched in (5, 10, 12):
        state, run_id = journey.run([course], learners, entity_types=FEW_TYPES)
        assert state == "success"
        assert "goes on from there" in journey.log(run_id, "plan")
        coverage = journey.coverage(run_id)
        assert len(coverage) == 12
        assert sum(unit["error"] == POSTPONED for unit in coverage) == 7
        known = {
            (unit["learner_id"], unit["entity_type"])
            for unit in journey.all_coverage()
            if unit["outcome"] in {"fetched", "empty"}
        }
        assert len(known) == fetched
        if fetched == 5:  # the same day again: nothing is left
            sent = len(journey.arrivals())
            state, none_left = journey.run([course], learners, entity_types=FEW_TYPES)
            assert (state, len(journey.arrivals())) == ("success", sent)
            assert {unit["error"] for unit in journey.coverage(none_left)} == {
                "postponed: no requests are left for it today"
            }
        journey.forget("zoho_people_requests")  # a new day

    assert comparable(journey.rows()) == truth_of(journey, course, FEW_TYPES)


def test_a_run_that_is_checked_once_more_has_what_it_sent_before_in_the_days_count(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.connect(daily_limit=100)
    state, run_id = journey.run([course], learners[:1], entity_types=FEW_TYPES)
    sent = len(journey.arrivals())
    assert (state, journey.counted()) == ("success", sent)

    journey.clear(run_id, ["check_request"])

    assert journey.finish(run_id) == "success"
    assert f"{sent} are spent or booked" in journey.log(run_id, "plan", try_number=2)
    assert journey.counted() == len(journey.arrivals()) == 2 * sent


def test_a_quota_answer_in_mid_run_ends_it_without_a_retry_storm(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.post("settings", {"daily_limit": 4})

    state, run_id = journey.run([course], learners, entity_types=FEW_TYPES)

    assert state == "success"
    tasks = journey.fetch_tasks(run_id)
    assert {task["state"] for task in tasks} == {"success", "skipped"}
    assert {task["try_number"] for task in tasks} == {1}
    assert sum(task["state"] == "success" for task in tasks) == 4
    assert len(journey.arrivals()) <= 12
