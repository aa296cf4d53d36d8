"""What an answer means: one table from (HTTP status, body code, words) to an error, or a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zoho_people.api.errors import (
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
from zoho_people.api.page import ProgressPage
from zoho_people.api.unit import Unit

LOCKED_CODE = "7209"
SCOPE_CURE = (
    "the refresh token lacks the scope ZOHOPEOPLE.training.READ; make a new one with it and put it into "
    "the connection's extra.refresh_token"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came: the HTTP status, ``Retry-After`` in seconds, and the JSON object of the body."""

    http_status: int
    body: Mapping[str, Any]
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What the body says of itself, wherever it says it: the first code and message, and all of them.

    ``is_bare``: it has no list, so no data.
    """

    code: str
    message: str
    codes: tuple[str, ...]
    words: str
    is_error: bool
    is_bare: bool


def read_page(answer: Answer, unit: Unit, *, start_index: int) -> ProgressPage:
    """The page in *answer*, asked for *unit* from *start_index* on.

    :raises ZohoError: the one that says what to do next, see :mod:`zoho_people.api.errors`.
    """
    raise_for_error(answer)
    records = _records(answer)
    refuse_other(answer, "learnerId", unit.learner_id)
    for record in records:
        refuse_other(Answer(answer.http_status, record), "learnerId", unit.learner_id)
    refuse_other(answer, "entityType", str(unit.entity_type.code))
    more = has_more(answer, records)
    if more and not records:
        raise UnexpectedAnswer(
            f"Zoho sent an empty page at startIndex {start_index} and says that more records follow",
            http_status=answer.http_status,
        )
    return ProgressPage(start_index, records, start_index + len(records) if more else None)


def raise_for_error(answer: Answer) -> None:
    """Return when *answer* is a success, else raise what it means."""
    said = _said(answer.body)
    error = _meaning(answer.http_status, said)
    if error is not None:
        raise error(
            _message(error, answer.http_status, said),
            http_status=answer.http_status,
            code=said.code or None,
            retry_after_s=answer.retry_after_s,
        )


def _meaning(http_status: int, said: _Said) -> type[ZohoError] | None:
    """The table; None is a success. An error's words come first: Zoho also sends errors with HTTP 200."""
    status = _status(http_status, said)
    if status == 200 and not said.is_error and not said.is_bare and LOCKED_CODE not in said.codes:
        return None
    for meant, error in _BY_WORDS:
        if meant(said):
            return error
    if status == 200 and not said.is_error:
        return None
    if status in {403, 404} and not said.words:
        return TemporaryFailure  # a gateway's answer: Zoho says something
    if status == 404:
        about_course = "learner" not in said.words and ("course" in said.words or "batch" in said.words)
        return CourseNotFound if about_course else LearnerNotFound
    if 500 <= status < 600:
        return TemporaryFailure
    return _BY_STATUS.get(status) or _undocumented(http_status, said)


def _undocumented(http_status: int, said: _Said) -> type[ZohoError]:
    """An error that is none of the table's: final, unless it came with HTTP 200, and may be a server's mishap."""
    is_refusal = any(word in said.words for word in _REFUSALS)
    return TemporaryFailure if http_status == 200 and not is_refusal else RequestFailed


_BY_WORDS: tuple[tuple[Callable[[_Said], bool], type[ZohoError]], ...] = (
    (lambda said: LOCKED_CODE in said.codes or "threshold limit" in said.words, Locked),
    (
        lambda said: "limit" in said.words and any(w in said.words for w in ("daily", "per day", "quota")),
        QuotaExhausted,
    ),
    (lambda said: "scope_mismatch" in said.words or "invalid_scope" in said.words, CredentialsRejected),
    (lambda said: "invalid_oauthtoken" in said.words, TokenRejected),
)

_REFUSALS = ("invalid_input", "input_parameter_missing")
"""What Zoho says with HTTP 400, where it says it with HTTP 200 and without that number."""

_BY_STATUS: Mapping[int, type[ZohoError]] = {
    400: RequestFailed,
    401: TokenRejected,
    403: Forbidden,
    408: TemporaryFailure,
    422: RequestFailed,
    429: Locked,
}


def _status(http_status: int, said: _Said) -> int:
    """The HTTP status, or the body's code where an error came with HTTP 200."""
    if http_status != 200 or not said.code:
        return http_status
    return int(said.code) if said.code.isascii() and said.code.isdecimal() else 0


def _message(error: type[ZohoError], http_status: int, said: _Said) -> str:
    if error is CredentialsRejected:
        return SCOPE_CURE
    text = " ".join(part for part in (said.code, said.message) if part) or "nothing more"
    return f"Zoho answered HTTP {http_status} and said: {text}"


def _said(body: Mapping[str, Any]) -> _Said:
    """What a flat body says, and what it says nested in ``response``, ``errors`` or ``error``."""
    codes, messages = [], []
    nested = list(_nested(body))
    for node in (*nested, body):
        codes += [printable(node[key]) for key in ("code", "errorCode", "error") if _is_scalar(node.get(key))]
        messages += [printable(node["message"])] if _is_scalar(node.get("message")) else []
    error_codes = [code for code in codes if code != "200"]
    return _Said(
        code=next(iter(error_codes or codes), ""),
        message=next(iter(messages), ""),
        codes=tuple(codes),
        words=" ".join((*codes, *messages)).lower(),
        is_error=any(body.get(key) for key in _NESTS) or (not codes and _has_trace_of_error(body)),
        is_bare=not any(isinstance(value, list) for value in body.values()),
    )


def _has_trace_of_error(body: Mapping[str, Any]) -> bool:
    """Whether a body without any code has the key of an error, or a code that is none."""
    failed = str(body.get("status")).lower() in {"error", "failure", "1"}
    return failed or body.get("code") is not None or any(key in body for key in _NESTS)


_NESTS = ("response", "errors", "error")


def _nested(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects in which a body may hold its errors, innermost first."""
    for key in _NESTS:
        node = body.get(key)
        for item in node if isinstance(node, list) else [node]:
            if isinstance(item, Mapping):
                yield from _nested(item)
                yield item
            elif isinstance(item, str):
                yield {"message": item}


def _is_scalar(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def printable(value: object, *, limit: int = 200) -> str:
    """*value* as one line of at most *limit* characters, control characters escaped."""
    text = str(value) if isinstance(value, (str, int, float, bool)) else type(value).__name__
    line = (
        text[:limit].encode("unicode_escape").decode("ascii")
        if not text[:limit].isprintable()
        else text[:limit]
    )
    return line[:limit] + ("…" if len(text) > limit or len(line) > limit else "")


def _records(answer: Answer) -> tuple[Mapping[str, Any], ...]:
    records = answer.body.get("learnerProgress", ...)
    if records is None and "code" in answer.body:
        return ()
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise UnexpectedAnswer(
            "the answer has no list of records under learnerProgress", http_status=answer.http_status
        )
    return tuple(records)


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


def has_more(answer: Answer, records: tuple[Mapping[str, Any], ...]) -> bool:
    """``hasMoreRecords``. Where it is left out, more is asked for until an empty page comes.

    :raises UnexpectedAnswer: when it is neither true nor false.
    """
    more = answer.body.get("hasMoreRecords")
    if more is None:
        return bool(records)
    known = {True: True, False: False, "true": True, "false": False}
    folded = more.lower() if isinstance(more, str) else more
    if not isinstance(folded, (str, bool)) or folded not in known:
        raise UnexpectedAnswer(
            f"the answer's hasMoreRecords is {printable(more, limit=40)}", http_status=answer.http_status
        )
    return known[folded]
