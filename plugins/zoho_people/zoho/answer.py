"""What an answer means: one table from (HTTP status, body code, words) to an error, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zoho_people.zoho.errors import (
    CourseNotFound,
    CredentialsRejected,
    Forbidden,
    LearnerNotFound,
    Locked,
    QuotaExhausted,
    RequestFailed,
    TemporaryFailure,
    TokenRejected,
    UnexpectedAnswer,
    ZohoError,
)
from zoho_people.zoho.said import Said, printable, said, stated_wait_s

LOCKED_CODE = "7209"
NO_RECORDS_CODE = "7024"
SCOPE_CURE = (
    "the refresh token lacks the scope ZOHOPEOPLE.training.READ; make a new one with it and put it into "
    "the connection's extra.refresh_token"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: the HTTP status, ``Retry-After`` in seconds, and the JSON object of the body.

    ``unread`` says why there is no such object, where an error came without.
    """

    http_status: int
    body: Mapping[str, Any]
    retry_after_s: float | None = None
    unread: str = ""


def raise_for_error(answer: Answer) -> None:
    """Return when *answer* is a success, else raise what it means."""
    what = said(answer.body)
    error = _meaning(answer.http_status, what)
    if error is None:
        return
    wait_s = answer.retry_after_s
    if error is Locked:
        wait_s = max((s for s in (wait_s, stated_wait_s(what.words)) if s is not None), default=None)
    raise error(
        SCOPE_CURE if error is CredentialsRejected else _message(answer, what),
        http_status=answer.http_status,
        code=what.code or None,
        retry_after_s=wait_s,
    )


def says_none(answer: Answer) -> bool:
    """Whether Zoho says in words of its own that there are no records: by ``204``, or by People's code for it."""
    return answer.http_status == 204 or _is_none(said(answer.body))


def said_instead(answer: Answer) -> str:
    """What an answer without data says instead, to be added to a message."""
    text = said(answer.body).text
    return f"; it says: {text}" if text not in {"", "200"} else ""


def is_throttled(what: Said) -> bool:
    """Whether the server says that too much was asked of it lately."""
    throttled = any(word in what.words for word in ("throttl", "too many requests", "rate limit"))
    return throttled or ("limit" in what.words and stated_wait_s(what.words) is not None)


def _is_none(what: Said) -> bool:
    return NO_RECORDS_CODE in what.codes and not what.has_items


def _meaning(http_status: int, what: Said) -> type[ZohoError] | None:
    """The table; None is a success. An error's words come first: Zoho also sends errors with HTTP 200."""
    status = _status(http_status, what)
    if status == 200 and not what.is_error and not what.is_bare and LOCKED_CODE not in what.codes:
        return None
    for meant, error in _BY_WORDS:
        if meant(what):
            return error
    if http_status == 204 or (http_status < 500 and _is_none(what)):
        return None
    if status == 200 and not what.is_error:
        return None
    if http_status in _CARRY_CODES and (
        by_code := [_BY_CODE[code] for code in what.codes if code in _BY_CODE]
    ):
        return by_code[0]
    return _by_status(status, what) or _undocumented(http_status, what)


def _by_status(status: int, what: Said) -> type[ZohoError] | None:
    if status in {403, 404} and not what.words:
        return TemporaryFailure  # a gateway's answer: Zoho says something
    if status == 404:
        about_course = "learner" not in what.words and ("course" in what.words or "batch" in what.words)
        return CourseNotFound if about_course else LearnerNotFound
    return TemporaryFailure if 500 <= status < 600 else _BY_STATUS.get(status)


def _undocumented(http_status: int, what: Said) -> type[ZohoError]:
    """An error that is none of the table's: final, unless it came with HTTP 200, and may be a server's mishap."""
    is_refusal = any(word in what.words for word in _REFUSALS)
    return TemporaryFailure if http_status == 200 and not is_refusal else RequestFailed


_BY_WORDS: tuple[tuple[Callable[[Said], bool], type[ZohoError]], ...] = (
    (lambda what: LOCKED_CODE in what.codes or "threshold limit" in what.words, Locked),
    (
        lambda what: "limit" in what.words and any(w in what.words for w in ("daily", "per day", "quota")),
        QuotaExhausted,
    ),
    (is_throttled, Locked),
    (lambda what: "scope mismatch" in what.words or "invalid scope" in what.words, CredentialsRejected),
    (lambda what: "invalid oauthtoken" in what.words, TokenRejected),
)

_BY_CODE: Mapping[str, type[ZohoError]] = {
    "7040": Forbidden,
    "7048": LearnerNotFound,
    "9000": Forbidden,
}
"""Zoho People's own numbers: no permission to view, no such user, permission denied."""

_CARRY_CODES = (200, 400)
"""The HTTP statuses that mean nothing by themselves where there is such a number; 429 is a lock all the same."""

_REFUSALS = ("invalid input", "input parameter missing")
"""What Zoho says with HTTP 400, where it says it with HTTP 200 and without that number."""

_BY_STATUS: Mapping[int, type[ZohoError]] = {
    400: RequestFailed,
    401: TokenRejected,
    403: Forbidden,
    408: TemporaryFailure,
    422: RequestFailed,
    429: Locked,
}


def _status(http_status: int, what: Said) -> int:
    """The HTTP status, or the body's code where an error came with HTTP 200."""
    if http_status != 200 or not what.code:
        return http_status
    return int(what.code) if what.code.isascii() and what.code.isdecimal() else 0


def _message(answer: Answer, what: Said) -> str:
    told = what.text or answer.unread or "nothing more"
    return f"Zoho answered HTTP {answer.http_status} and said: {told}"


def refuse_other(answer: Answer, key: str, asked: str) -> None:
    """Return unless *answer* names somebody or something else under *key*; it may leave it out.

    :raises UnexpectedAnswer: when it does.
    """
    told = answer.body.get(key)
    if told is not None and (isinstance(told, (bool, float)) or str(told) != asked):
        raise UnexpectedAnswer(
            f"the answer's {key} is {printable(told, limit=40)}, asked was {asked}",
            http_status=answer.http_status,
        )
