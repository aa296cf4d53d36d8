"""An access token, as the accounts server answers it."""

from __future__ import annotations

from dataclasses import dataclass, field

from zoho_people.zoho.answer import SCOPE_CURE, Answer, is_throttled
from zoho_people.zoho.errors import CredentialsRejected, TemporaryFailure, TokenThrottled
from zoho_people.zoho.said import Said, said, stated_wait_s

MINTS_WINDOW_S = 600.0
"""Zoho mints 10 access tokens per refresh token in 10 minutes (Zoho, "OAuth 2.0 limits")."""

_CURES = {
    "invalid_client": (
        "the client id or client secret is wrong, or made in another data centre; correct the connection's login "
        "and password, and check that extra.data_center is your organisation's"
    ),
    "invalid_client_secret": (
        "the client secret is wrong, or made in another data centre; correct the connection's password, and check "
        "that extra.data_center is your organisation's"
    ),
    "invalid_code": (
        "the refresh token is wrong or revoked; make a new one and put it into extra.refresh_token, and "
        "check that data_center is your organisation's"
    ),
    "invalid_scope": SCOPE_CURE,
}


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, the end of its life in seconds since the epoch, and how long that life was."""

    value: str = field(repr=False)
    expires_at: float
    lifetime_s: float = 3600.0


class UnclearRefusal(CredentialsRejected):
    """The accounts server gave neither a token nor a reason that is known: a mishap, unless it does so again."""


def read_token(answer: Answer, *, asked_at: float) -> AccessToken:
    """The token in the accounts server's *answer*. Zoho sends its errors here with HTTP 200, too.

    :raises UnclearRefusal: there is neither a token nor a reason that is known.
    :raises CredentialsRejected: with the cure in words.
    :raises TokenThrottled: too many were minted lately.
    :raises TemporaryFailure: the accounts server has a problem of its own.
    """
    value = answer.body.get("access_token")
    lifetime_s = answer.body.get("expires_in", 3600)
    if isinstance(value, str) and value.isascii() and value.isprintable() and value:
        known = type(lifetime_s) in (int, float) and 0 < lifetime_s <= 86_400
        lifetime_s = float(lifetime_s) if known else 3600.0
        return AccessToken(value, asked_at + lifetime_s, lifetime_s)
    raise _refusal(answer)


def _refusal(answer: Answer) -> CredentialsRejected | TemporaryFailure | TokenThrottled:
    error, what = answer.body.get("error"), said(answer.body)
    if isinstance(error, str) and error in _CURES:
        return CredentialsRejected(f"Zoho refuses to mint an access token: {_CURES[error]}", code=error)
    if is_throttled(what) or "access denied" in what.words:
        return TokenThrottled(
            "Zoho mints no more access tokens for now (10 in 10 minutes are allowed)",
            code=what.code or None,
            retry_after_s=max(MINTS_WINDOW_S, answer.retry_after_s or 0.0, stated_wait_s(what.words) or 0.0),
        )
    if answer.http_status >= 500 or (error is None and answer.http_status != 200):
        return TemporaryFailure(
            f"the accounts server answered HTTP {answer.http_status}", http_status=answer.http_status
        )
    return UnclearRefusal(
        f"Zoho refuses to mint an access token and says: {_reason(answer, what)}; check the connection's "
        "login, password, extra.refresh_token and extra.data_center"
    )


def _reason(answer: Answer, what: Said) -> str:
    """What the server said, where it said it in a field that is known: any other may hold a token."""
    return what.text if what.words and "access_token" not in answer.body else "nothing more"
