"""The refresh token, as the accounts server answers it to a grant code."""

from __future__ import annotations

from zoho_people.zoho.answer import SCOPE_CURE, Answer
from zoho_people.zoho.errors import CredentialsRejected, ZohoError
from zoho_people.zoho.token import read_token

SCOPE = "ZOHOPEOPLE.training.READ"

_CURES = {
    "invalid_code": (
        "the grant code is used up, over, or of another client or data centre; make a new one in the API console "
        f"of your data centre, with the scope {SCOPE}, and use it within the minutes chosen there"
    ),
    "invalid_client": (
        "the client id is wrong, or the self client was made in another data centre; copy it again, and choose "
        "the data centre in which you opened the API console"
    ),
    "invalid_client_secret": "the client secret is wrong; copy it again from the self client",
    "invalid_scope": SCOPE_CURE,
}


def read_refresh_token(answer: Answer) -> str:
    """The refresh token in the accounts server's *answer*, which has its errors with HTTP status 200, too.

    :raises ZohoError: with the cure in words; no message has a token or the code.
    """
    error = answer.body.get("error")
    if isinstance(error, str) and error in _CURES:
        raise CredentialsRejected(f"Zoho gives no refresh token: {_CURES[error]}", code=error)
    token = answer.body.get("refresh_token")
    if isinstance(token, str) and token.isascii() and token.isprintable() and token:
        return token
    try:
        read_token(answer, asked_at=0.0)
    except ZohoError as refusal:
        raise type(refusal)(f"no refresh token: {refusal.message}") from None
    raise CredentialsRejected(
        "Zoho gave an access token and no refresh token; make the code with a Self Client (a server-based client "
        "needs access_type=offline)"
    )
