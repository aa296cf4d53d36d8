from __future__ import annotations

from typing import Any

import pytest

from zoho_emulator.api import Request
from zoho_emulator.faults import Faults, parse_script
from zoho_emulator.problems import ScriptError
from zoho_emulator.target import target_of


def progress(learner: int = 7, entity_type: int = 0, start: int = 0, course: int = 5) -> Request:
    params = {"entityType": str(entity_type), "startIndex": str(start)}
    return Request("GET", f"/api/v1/courses/{course}/learners/{learner}/progress", params)


def strikes(faults: Faults, *requests: Request, kind: str = "api") -> list[str | None]:
    actions = [faults.strike(target_of(request, kind=kind)) for request in requests]
    return [None if action is None else action.type for action in actions]


def test_without_rules_nothing_goes_wrong() -> None:
    assert strikes(Faults(), progress()) == [None]
    assert strikes(parse_script([]), progress()) == [None]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({}, [True, True, True]),
        ({"learner_id": 8}, [False, True, False]),
        ({"learner_id": ["7", "8"]}, [True, True, False]),
        ({"entity_type": 3}, [False, False, True]),
        ({"course_id": "5", "start_index": 25}, [False, False, True]),
        ({"path": "learners/[78]/"}, [True, True, False]),
        ({"call": "progress"}, [True, True, True]),
        ({"call": "roster"}, [False, False, False]),
        ({"kind": "token"}, [False, False, False]),
        ({"batch_id": "1"}, [False, False, False]),
        ({"nth": 2}, [False, True, False]),
        ({"nth": [1, 3]}, [True, False, True]),
        ({"every": 2}, [False, True, False]),
        ({"probability": 0}, [False, False, False]),
    ],
)
def test_a_rule_strikes_what_it_matches(match: dict[str, Any], expected: list[bool]) -> None:
    faults = parse_script([{"match": match, "action": "reset"}])
    seen = strikes(faults, progress(7), progress(8), progress(9, entity_type=3, start=25))
    assert [action == "reset" for action in seen] == expected


def test_a_rule_strikes_as_often_as_it_says() -> None:
    faults = parse_script([{"times": 2, "action": "reset"}, {"action": "html"}])
    assert strikes(faults, *[progress()] * 4) == ["reset", "reset", "html", "html"]
    assert [rule.as_json() for rule in faults.rules] == [
        {"name": "rule 1", "action": "reset", "matched": 4, "struck": 2},
        {"name": "rule 2", "action": "html", "matched": 4, "struck": 2},
    ]


def test_a_rule_can_count_each_page_for_itself() -> None:
    faults = parse_script([{"match": {"nth": 1, "per": "page"}, "action": "reset"}])
    a, b = progress(1), progress(2)
    assert strikes(faults, a, a, b, a, b) == ["reset", None, "reset", None, None]


def test_chance_is_seeded_and_keeps_its_share() -> None:
    def lots(seed: int) -> list[str | None]:
        script = {"seed": seed, "rules": [{"match": {"probability": 0.3}, "action": "reset"}]}
        return strikes(parse_script(script), *[progress()] * 1000)

    assert lots(1) == lots(1) != lots(2)
    assert 250 < lots(1).count("reset") < 350


def test_token_requests_are_only_struck_when_asked_for() -> None:
    token = Request("POST", "/oauth/v2/token", {})
    assert strikes(parse_script([{"action": "reset"}]), token, kind="token") == [None]
    for kind in ("token", "any"):
        faults = parse_script([{"match": {"kind": kind}, "action": "token_error"}])
        assert strikes(faults, token, kind="token") == ["token_error"]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("reset", "a fault script is a list of rules"),
        ({"rule": []}, "script: unknown key 'rule'; allowed: seed, rules"),
        ({"rules": {}}, "rules must be a list"),
        ([1], "rule 1: must be an object"),
        ([{"action": "reset"}, {"aktion": "reset"}], "rule 2: unknown key 'aktion'"),
        ([{"action": "explode"}], "unknown action 'explode'; the actions are: http_status"),
        ([{}], "rule 1: action must be a name"),
        ([{"action": {"type": "delay", "second": 1}}], "unknown key 'second'; allowed: seconds"),
        ([{"action": {"type": "delay", "seconds": "1"}}], "seconds must be a number"),
        ([{"action": {"type": "locked", "seconds": "1"}}], "seconds must be a number"),
        ([{"action": {"type": "http_status", "status": 99}}], "status must be a number from 200 to 599"),
        ([{"action": {"type": "http_status", "status": 500.5}}], "status must be a whole number"),
        ([{"action": {"type": "unauthorized", "revoke": 1}}], "revoke must be true or false"),
        ([{"action": {"type": "raw", "body": 1}}], "body must be a string"),
        ([{"match": [], "action": "reset"}], "match must be an object"),
        ([{"match": {"learner": 1}, "action": "reset"}], "match: unknown key 'learner'"),
        ([{"match": {"path": "("}, "action": "reset"}], "path is no regular expression"),
        ([{"match": {"nth": 0}, "action": "reset"}], "nth must be a whole number from 1"),
        ([{"match": {"every": 0}, "action": "reset"}], "every must be a number from 1"),
        ([{"match": {"probability": 2}, "action": "reset"}], "probability must be a number from 0 to 1"),
        ([{"match": {"kind": "both"}, "action": "reset"}], "kind must be one of api, token, any"),
        ([{"match": {"learner_id": 1.5}, "action": "reset"}], "learner_id must be a string, a whole number"),
        ([{"times": -1, "action": "reset"}], "times must be a number from 0"),
    ],
)
def test_a_wrong_script_is_refused_with_the_place_and_the_reason(script: object, complaint: str) -> None:
    with pytest.raises(ScriptError, match=complaint.replace("(", r"\(")):
        parse_script(script)
