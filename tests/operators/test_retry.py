from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.sdk import RetryAction, RetryDecision

from zoho_people.operators.retry import FIRST_DELAY_S, LONGEST_DELAY_S, ZohoRetryPolicy
from zoho_people.zoho.errors import (
    CourseNotFound,
    CredentialsRejected,
    Forbidden,
    InvalidSettings,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    RequestFailed,
    ServerNotTrusted,
    TemporaryFailure,
    TokenRejected,
    TokenThrottled,
    UnexpectedAnswer,
    ZohoError,
)


def decision(error: BaseException, try_number: int = 1) -> RetryDecision:
    return ZohoRetryPolicy().evaluate(error, try_number, 9)


@pytest.mark.parametrize(
    "cls",
    [
        CourseNotFound,
        CredentialsRejected,
        Forbidden,
        InvalidSettings,
        QuotaExhausted,
        RequestFailed,
        ServerNotTrusted,
        UnexpectedAnswer,
    ],
)
@pytest.mark.parametrize("try_number", [1, 9])
def test_what_would_be_the_same_again_is_not_tried_again(cls: type[ZohoError], try_number: int) -> None:
    assert decision(cls("x"), try_number).action is RetryAction.FAIL


@pytest.mark.parametrize(
    "cls", [TemporaryFailure, Locked, TokenRejected, TokenThrottled, LearnerNotFound, ZohoError]
)
def test_what_may_have_passed_is_tried_again(cls: type[ZohoError]) -> None:
    assert decision(cls("x")).action is RetryAction.RETRY


def test_each_wait_is_twice_as_long_as_the_one_before_up_to_a_longest() -> None:
    delays = [decision(TemporaryFailure("x"), try_number).retry_delay for try_number in range(1, 11)]
    seconds = [delay.total_seconds() for delay in delays if delay is not None]
    assert seconds == [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0, 600.0, 600.0]
    assert (seconds[0], seconds[-1]) == (FIRST_DELAY_S, LONGEST_DELAY_S)


def test_the_first_wait_is_short_since_the_slot_was_held_already() -> None:
    delay = decision(TemporaryFailure("x")).retry_delay
    assert delay is not None
    assert delay < timedelta(minutes=1)


@pytest.mark.parametrize("try_number", [-1, 0])
def test_a_count_that_airflow_has_not_begun_is_the_first_try(try_number: int) -> None:
    assert decision(TemporaryFailure("x"), try_number).retry_delay == timedelta(seconds=FIRST_DELAY_S)


@pytest.mark.parametrize("error", [OSError("disk full"), ValueError("x"), KeyboardInterrupt(), SystemExit(1)])
def test_what_is_not_zohos_is_tried_as_the_task_itself_says(error: BaseException) -> None:
    assert decision(error) == RetryDecision(action=RetryAction.DEFAULT)


def test_every_decision_says_why_in_the_log() -> None:
    assert decision(Forbidden("x")).reason
    assert decision(TemporaryFailure("x")).reason


def test_the_policy_is_made_again_from_what_it_serialises() -> None:
    again = ZohoRetryPolicy.deserialize(ZohoRetryPolicy().serialize())
    assert isinstance(again, ZohoRetryPolicy)
