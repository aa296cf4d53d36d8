"""Locks, quotas, tokens, pools and failures, in a real Airflow against the emulator's scripted faults."""

from __future__ import annotations

import pytest

from tests.emulated.journey import DAG_ID, FEW_TYPES, LOCK_S, Journey, comparable, most_in_window, truth_of

pytestmark = pytest.mark.emulated


def test_a_lock_in_mid_run_is_waited_out_by_all_without_spending_a_try(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.shorten(5.0)
    journey.post("settings", {"lock_shape": "200-throttle", "no_records_shape": "7024"})
    journey.post("faults", [{"match": {"nth": 4}, "action": {"type": "locked", "seconds": LOCK_S}}])

    state, run_id = journey.run([course], learners, entity_types=FEW_TYPES)

    assert state == "success", journey.log(run_id, "report")
    assert comparable(journey.rows()) == truth_of(journey, course, FEW_TYPES)
    assert {task["try_number"] for task in journey.fetch_tasks(run_id)} == {1}
    began = next(e["at"] for e in journey.get("journal")["entries"] if e["decision"] == "fault:locked")
    late = [at for at in journey.arrivals() if began + 8 < at < began + LOCK_S]
    assert late == []
    assert any("Nothing is lost" in journey.log(run_id, "fetch", map_index=index) for index in range(12))


def test_errors_and_a_dead_token_count_as_requests_and_lose_nothing(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.let_pass(3)
    journey.post("faults", [{"match": {"every": 2}, "action": {"type": "http_status", "status": 500}}])
    run_id = journey.start([course], learners[:1], entity_types=FEW_TYPES)
    journey.airflow.api.wait_for_tasks(DAG_ID, run_id, "deferred", least=2, timeout_s=180)
    journey.post("tokens/revoke")

    assert journey.finish(run_id) == "success", journey.log(run_id, "report")
    rows = [row for row in journey.truth(course) if row["learner_id"] == learners[0]]
    assert comparable(journey.rows()) == comparable(row for row in rows if row["entity_type"] in FEW_TYPES)
    stats = journey.get("stats")
    assert most_in_window(journey.arrivals(), journey.window_s) <= 3
    assert stats["locks_caused"] == 0
    assert stats["tokens_minted"] == 2


def test_without_deferred_tasks_in_the_pool_tasks_wait_in_their_workers(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.shorten(10.0)
    journey.airflow.api.set_pool("zoho_people_api", 30, include_deferred=False)

    state, run_id = journey.run([course], learners[:1], entity_types=FEW_TYPES)

    assert state == "success"
    assert "does not include deferred tasks" in journey.log(run_id, "check_request")
    durations = [task["duration"] for task in journey.fetch_tasks(run_id)]
    assert min(durations) > journey.window_s - 4
    assert "Pausing task as DEFERRED" not in journey.log(run_id, "fetch", map_index=0)


def test_a_missing_pool_is_named_before_anything_is_sent(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.airflow.api.call("DELETE", "/pools/zoho_people_api")

    state, run_id = journey.run([course], learners[:1])

    assert state == "failed"
    assert "airflow pools set zoho_people_api 30" in journey.log(run_id, "check_request")
    assert journey.arrivals() == []


def assert_the_page_tells_why(journey: Journey, run_id: str, missing: int) -> None:
    """By the logs of the tasks that failed; ``report``, which failed because of them, is none of the causes."""
    failures = [each for each in journey.page("health")["failures"] if each["dag_run_id"] == run_id]
    told = {each["task_id"]: each for each in failures}
    assert set(told) == {"publish", "fetch"}
    assert told["publish"]["message"].startswith(f"{missing} of 4 units are missing: course ")
    assert told["publish"]["cure"].startswith("Clear the run's failed tasks ")
    assert told["fetch"]["message"].startswith("Zoho ")
    assert told["fetch"]["cure"].startswith("let the Zoho user whose refresh token the connection has see it")
    assert "4 units" in told["fetch"]["label"]


def test_clearing_the_failed_tasks_completes_the_same_snapshot(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.shorten(5.0)
    types = FEW_TYPES[:2]
    refused = {"match": {"learner_id": learners[0]}, "action": "people_error"}
    failed_once = {
        "match": {"learner_id": learners[1], "entity_type": 3, "nth": 1, "per": "page"},
        "action": {"type": "http_status", "status": 500},
    }
    journey.post("faults", [refused, failed_once])
    journey.post("settings", {"no_records_shape": "204"})

    state, run_id = journey.run([course], learners[:2], entity_types=types, units_per_task=4)

    assert state == "failed"
    complaint = journey.log(run_id, "publish")
    assert {task["try_number"] for task in journey.fetch_tasks(run_id)} == {2}
    asked = [entry["path"] for entry in journey.get("journal")["entries"] if entry["kind"] == "api"]
    assert sum(f"/learners/{learners[0]}/" in path for path in asked) == len(types)
    refusals = [unit for unit in journey.coverage(run_id) if unit["outcome"] == "forbidden"]
    assert {unit["learner_id"] for unit in refusals} == {learners[0]}
    assert f"{len(refusals)} of 4 units are missing" in complaint
    assert learners[0] in complaint
    assert_the_page_tells_why(journey, run_id, len(refusals))
    assert {row["learner_id"] for row in journey.rows()} <= {learners[1]}
    before = [row for row in journey.full_rows() if row["learner_id"] == learners[1]]

    journey.post("faults", [])
    journey.clear_failed(run_id)

    assert journey.finish(run_id) == "success", journey.log(run_id, "report", try_number=2)
    rows = [row for row in journey.truth(course) if row["learner_id"] in learners[:2]]
    assert comparable(journey.rows()) == comparable(row for row in rows if row["entity_type"] in types)
    after = [row for row in journey.full_rows() if row["learner_id"] == learners[1]]
    assert after == before


def test_wrong_credentials_stop_the_run_with_the_cure(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.connect(refresh_token="1000.revoked")

    state, run_id = journey.run([course], learners[:1])

    assert state == "failed"
    assert "the refresh token is wrong or revoked" in journey.log(run_id, "check_request")
    assert journey.arrivals() == []


def test_a_connection_that_is_missing_or_leads_elsewhere_fails_at_once_with_the_cure(
    journey: Journey, course: str, learners: list[str]
) -> None:
    journey.airflow.api.call("DELETE", "/connections/zoho_people_default")
    missing = journey.start([course], learners[:1])
    assert journey.finish(missing) == "failed"
    journey.connect(accounts_url="https://accounts.zoho.evil.example")
    elsewhere = journey.start([course], learners[:1])
    assert journey.finish(elsewhere) == "failed"

    assert "is missing, or can" in journey.log(missing, "check_request")
    assert "credentials to accounts.zoho.evil.example, which is not Zoho's" in journey.log(
        elsewhere, "check_request"
    )
    for run_id in (missing, elsewhere):
        tasks = journey.airflow.api.task_instances(DAG_ID, run_id)
        assert next(t["try_number"] for t in tasks if t["task_id"] == "check_request") == 1
    assert journey.get("journal")["entries"] == []
