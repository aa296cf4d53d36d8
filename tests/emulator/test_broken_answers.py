from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def path(emulator: Any) -> str:
    course = emulator.control("organisation")["courses"][0]
    return f"/courses/{course['course_id']}/learners/{course['learner_ids'][0]}/progress"


def script(emulator: Any, action: Any, **match: Any) -> None:
    emulator.control("faults", [{"match": match, "action": action}])


def last_decision(emulator: Any) -> str:
    entry: dict[str, Any] = emulator.control("journal")["entries"][-1]
    return str(entry["decision"])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "INVALID_INPUT"),
        (401, "INVALID_OAUTHTOKEN"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (422, "MAXIMUM_LIMIT_EXCEEDED"),
        (500, "SERVER_ERROR"),
        (503, "SERVICE_UNAVAILABLE"),
        (599, "ERROR"),
    ],
)
def test_any_status_can_be_scripted(emulator: Any, path: str, status: int, code: str) -> None:
    script(emulator, {"type": "http_status", "status": status})
    answer = emulator.get(path, entityType=1)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert last_decision(emulator) == f"fault:http_{status}"


def test_a_scripted_status_can_have_any_body(emulator: Any, path: str) -> None:
    script(emulator, {"type": "http_status", "status": 403, "code": 7, "message": "no"})
    assert emulator.get(path, entityType=1).json() == {"code": 7, "message": "no"}
    script(emulator, {"type": "http_status", "status": 403, "body": [1]})
    assert emulator.get(path, entityType=1).json() == [1]


def test_bodies_that_are_not_what_they_should_be(emulator: Any, path: str) -> None:
    whole = emulator.get(path, entityType=1).content
    script(emulator, {"type": "error_in_200", "code": 7001, "message": "no"})
    answer = emulator.get(path, entityType=1)
    assert (answer.status_code, answer.json()) == (200, {"code": 7001, "message": "no"})
    script(emulator, "html")
    answer = emulator.get(path, entityType=1)
    assert answer.headers["content-type"].startswith("text/html")
    assert b"<html>" in answer.content
    script(emulator, {"type": "truncated", "keep_share": 0.25})
    assert emulator.get(path, entityType=1).content == whole[: len(whole) // 4]
    script(emulator, {"type": "raw", "body": "\ud800", "status": 200})
    assert emulator.get(path, entityType=1).content == b"\xed\xa0\x80"
    script(emulator, {"type": "huge_body", "megabytes": 0.5})
    huge = emulator.get(path, entityType=1)
    assert len(huge.content) > 500_000
    assert huge.json()["learnerProgress"] == json.loads(whole)["learnerProgress"]
    script(emulator, {"type": "deep_nesting", "depth": 500})
    assert b"[" * 500 in emulator.get(path, entityType=1).content


def test_pages_that_are_not_what_was_asked_for(emulator: Any, path: str) -> None:
    good = emulator.get(path, entityType=1).json()
    script(emulator, "wrong_learner")
    wrong = emulator.get(path, entityType=1).json()
    assert wrong["learnerId"] == good["learnerId"] + 1
    script(emulator, "wrong_entity_type")
    assert emulator.get(path, entityType=1).json()["entityType"] == 2
    script(emulator, "empty_more")
    page = emulator.get(path, entityType=1).json()
    assert (page["learnerProgress"], page["hasMoreRecords"]) == ([], True)
    script(emulator, "repeat_page")
    for start in (0, 25, 50):
        page = emulator.get(path, entityType=1, startIndex=start).json()
        assert page["learnerProgress"] == good["learnerProgress"]
        assert page["hasMoreRecords"] is True


def test_pages_without_end_have_other_ids_each(emulator: Any, path: str) -> None:
    good = emulator.get(path, entityType=1).json()
    script(emulator, "endless")
    seen: set[int] = set()
    for start in (0, 25, 50_000):
        page = emulator.get(path, entityType=1, startIndex=start).json()
        assert page["hasMoreRecords"] is True
        assert [record | {"testId": 0} for record in page["learnerProgress"]] == [
            record | {"testId": 0} for record in good["learnerProgress"]
        ]
        seen |= {record["testId"] for record in page["learnerProgress"]}
    assert len(seen) == 3 * len(good["learnerProgress"])
    assert emulator.get("/courses", startIndex=7).json()["hasMoreRecords"] is True


def test_many_values_are_beside_the_records(emulator: Any, path: str) -> None:
    good = emulator.get(path, entityType=1).json()
    script(emulator, {"type": "many_values", "values": 1_000})
    page = emulator.get(path, entityType=1).json()
    assert page.pop("padding") == [{}] * 1_000
    assert page == good


@pytest.mark.parametrize("as_list", [False, True])
def test_an_error_of_zoho_peoples_own_is_nested_inside_status_200(
    emulator: Any, path: str, *, as_list: bool
) -> None:
    script(emulator, {"type": "people_error", "code": 7048, "message": "No such user.", "as_list": as_list})
    answer = emulator.get(path, entityType=1)
    error: Any = {"code": 7048, "message": "No such user."}
    assert answer.status_code == 200
    assert answer.json()["response"]["errors"] == ([error] if as_list else error)


def test_only_a_good_page_can_be_twisted(emulator: Any, path: str) -> None:
    script(emulator, "empty_more")
    assert emulator.get(path).json()["code"] == "INPUT_PARAMETER_MISSING"
    assert last_decision(emulator) == "input_parameter_missing"


def test_a_redirect_leads_elsewhere(emulator: Any, path: str) -> None:
    script(emulator, {"type": "redirect", "location": "http://other.invalid/x"})
    answer = emulator.get(path, entityType=1)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://other.invalid/x")


def test_a_scripted_lock_really_locks_unless_it_lasts_no_time(emulator: Any, path: str, clock: Any) -> None:
    emulator.control("faults", [{"times": 1, "action": {"type": "locked", "seconds": 10}}])
    assert emulator.get(path, entityType=1).json()["code"] == 7209
    assert emulator.get(path, entityType=1).json()["code"] == 7209
    clock.tick(10)
    assert emulator.get(path, entityType=1).status_code == 200
    emulator.control("faults", [{"times": 1, "action": {"type": "locked", "seconds": 0}}])
    assert emulator.get(path, entityType=1).json()["code"] == 7209
    assert emulator.get(path, entityType=1).status_code == 200


def test_the_daily_quota_and_the_scope_can_be_scripted(emulator: Any, path: str) -> None:
    script(emulator, "daily_limit")
    assert emulator.get(path, entityType=1).json()["code"] == "DAILY_LIMIT_EXCEEDED"
    script(emulator, "scope_mismatch")
    assert emulator.get(path, entityType=1).json()["code"] == "OAUTH_SCOPE_MISMATCH"


@pytest.mark.parametrize(("revoke", "then"), [(False, 200), (True, 401)])
def test_a_scripted_401_can_really_revoke_the_token(
    emulator: Any, path: str, revoke: bool, then: int
) -> None:
    emulator.control("faults", [{"times": 1, "action": {"type": "unauthorized", "revoke": revoke}}])
    assert emulator.get(path, entityType=1).status_code == 401
    assert emulator.get(path, entityType=1).status_code == then


def test_a_scripted_token_error_mints_no_token(emulator: Any) -> None:
    script(emulator, "token_error", kind="token")
    assert emulator.sign_in()["error"] == "Access Denied"
    script(emulator, {"type": "token_error", "error": "invalid_code"}, kind="token")
    assert emulator.sign_in()["error"] == "invalid_code"
    assert emulator.control("stats")["tokens_minted"] == 1


def test_a_request_that_meets_a_lock_is_not_counted_by_the_script(emulator: Any, path: str) -> None:
    emulator.control("faults", [{"times": 1, "action": "html"}])
    emulator.control("lock", {}, seconds=5)
    emulator.get(path, entityType=1)
    assert emulator.control("faults")["rules"][0]["matched"] == 0
