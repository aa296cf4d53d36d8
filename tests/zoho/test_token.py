from __future__ import annotations

from typing import Any

import pytest

from zoho_people.zoho.answer import Answer
from zoho_people.zoho.errors import CredentialsRejected, TemporaryFailure, TokenThrottled, ZohoError
from zoho_people.zoho.token import AccessToken, UnclearRefusal, read_token

VALUE = "1000.access.token"


def read(body: dict[str, Any], *, http_status: int = 200, retry_after_s: float | None = None) -> AccessToken:
    return read_token(Answer(http_status, body, retry_after_s), asked_at=1_000.0)


def error_of(
    body: dict[str, Any], *, http_status: int = 200, retry_after_s: float | None = None
) -> ZohoError:
    with pytest.raises(ZohoError) as error:
        read(body, http_status=http_status, retry_after_s=retry_after_s)
    return error.value


def test_a_token_ends_its_lifetime_after_it_was_asked_for() -> None:
    assert read({"access_token": VALUE, "expires_in": 1800}) == AccessToken(VALUE, 2_800.0, 1_800.0)


@pytest.mark.parametrize("lifetime", [None, "3600", 0, -5, 86_401, [], float("nan")])
def test_an_impossible_lifetime_counts_as_an_hour(lifetime: object) -> None:
    token = read({"access_token": VALUE, "expires_in": lifetime})
    assert (token.expires_at, token.lifetime_s) == (4_600.0, 3_600.0)


def test_a_lifetime_that_is_no_number_counts_as_an_hour() -> None:
    assert read({"access_token": VALUE, "expires_in": True}).expires_at == 4_600.0


def test_a_missing_lifetime_counts_as_an_hour() -> None:
    assert read({"access_token": VALUE}).expires_at == 4_600.0


def test_a_token_is_absent_from_its_repr() -> None:
    assert VALUE not in repr(AccessToken(VALUE, 1.0))


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        ("invalid_client", "login and password, and check that extra.data_center"),
        ("invalid_client_secret", "password, and check that extra.data_center"),
        ("invalid_code", "extra.refresh_token"),
        ("invalid_scope", "ZOHOPEOPLE.training.READ"),
    ],
)
@pytest.mark.parametrize("http_status", [200, 400, 401])
def test_wrong_credentials_come_with_their_cure(error: str, cure: str, http_status: int) -> None:
    refused = error_of({"error": error}, http_status=http_status)
    assert type(refused) is CredentialsRejected
    assert cure in refused.message


@pytest.mark.parametrize("error", ["general_error", "unsupported_grant_type", "", "x\ny", 5])
def test_an_unknown_refusal_is_unclear(error: object) -> None:
    refused = error_of({"error": error})
    assert type(refused) is UnclearRefusal
    assert refused.message.isprintable()


@pytest.mark.parametrize("error", [["invalid_code"], {"code": "invalid_code"}])
def test_a_refusal_that_is_no_text_is_unclear(error: object) -> None:
    refused = error_of({"error": error}, http_status=400)
    assert type(refused) is UnclearRefusal
    assert "says: invalid_code; check" in refused.message


@pytest.mark.parametrize("error", ["Access Denied", "access_denied", "ACCESS DENIED"])
@pytest.mark.parametrize("http_status", [200, 400, 429])
@pytest.mark.parametrize(("asked_to_wait", "wait_s"), [(None, 600.0), (30.0, 600.0), (900.0, 900.0)])
def test_access_denied_means_to_wait_for_the_whole_window(
    error: str, http_status: int, asked_to_wait: float | None, wait_s: float
) -> None:
    throttled = error_of({"error": error}, http_status=http_status, retry_after_s=asked_to_wait)
    assert type(throttled) is TokenThrottled
    assert throttled.retry_after_s == wait_s


THROTTLED = {
    "error": {
        "title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED",
        "details": {"message": "Try again after 22 minutes."},
    }
}


@pytest.mark.parametrize("http_status", [200, 400])
def test_a_throttle_in_other_words_means_to_wait_as_long_as_it_says(http_status: int) -> None:
    throttled = error_of(THROTTLED, http_status=http_status)
    assert type(throttled) is TokenThrottled
    assert throttled.retry_after_s == 22 * 60.0


@pytest.mark.parametrize(
    ("http_status", "body"),
    [(500, {}), (503, {"error": "server_error"}), (502, {"message": "x"}), (404, {}), (408, {})],
)
def test_a_problem_of_the_accounts_server_is_temporary(http_status: int, body: dict[str, Any]) -> None:
    error = error_of(body, http_status=http_status)
    assert type(error) is TemporaryFailure
    assert error.http_status is None or error.http_status == http_status


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": None}, {"access_token": 5}])
def test_a_success_without_token_is_unclear(body: dict[str, Any]) -> None:
    assert type(error_of(body)) is UnclearRefusal


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "tokén", "a\x00"])
def test_a_token_that_cannot_be_a_header_is_refused_and_not_shown(value: str) -> None:
    error = error_of({"access_token": value})
    assert type(error) is UnclearRefusal
    assert value not in error.message
