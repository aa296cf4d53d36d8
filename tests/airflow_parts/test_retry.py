from __future__ import annotations

import json

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.definitions.retry_policy import RetryRule

from zoho_people.api.errors import (
    CourseNotFound,
    CredentialsRejected,
    Forbidden,
    InvalidSettings,
    Locked,
    QuotaExhausted,
    RequestFailed,
    TemporaryFailure,
    TokenRejected,
    TokenThrottled,
    UnexpectedAnswer,
)
from zoho_people.retry import RETRY_POLICY


def action(error: BaseException) -> RetryAction:
    return RETRY_POLICY.evaluate(error, 1, 5).action


@pytest.mark.parametrize(
    "cls",
    [
        CourseNotFound,
        CredentialsRejected,
        Forbidden,
        InvalidSettings,
        QuotaExhausted,
        RequestFailed,
        UnexpectedAnswer,
    ],
)
def test_what_would_be_the_same_again_is_not_tried_again(cls: type[Exception]) -> None:
    assert action(cls("x")) is RetryAction.FAIL


def test_a_temporary_failure_is_tried_again_soon_since_its_slot_was_held_already() -> None:
    decision = RETRY_POLICY.evaluate(TemporaryFailure("x"), 1, 5)
    assert decision.action is RetryAction.RETRY
    assert decision.retry_delay is not None
    assert decision.retry_delay.total_seconds() < 60


@pytest.mark.parametrize(
    "error", [Locked("x"), TokenRejected("x"), TokenThrottled("x"), OSError("disk full")]
)
def test_the_rest_is_tried_as_often_as_the_task_says(error: BaseException) -> None:
    assert action(error) is RetryAction.DEFAULT


@pytest.mark.parametrize("rule", RETRY_POLICY.rules, ids=lambda rule: rule.action.value)
def test_the_rules_survive_the_way_through_airflows_database(rule: RetryRule) -> None:
    again = RetryRule.deserialize(json.loads(json.dumps(rule.serialize())))
    assert again.action is rule.action
    assert again.matches(TemporaryFailure("x")) == rule.matches(TemporaryFailure("x"))
    assert again.matches(Forbidden("x")) == rule.matches(Forbidden("x"))
