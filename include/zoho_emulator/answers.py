"""Answers, and the shapes in which the service says no."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import Any

from zoho_emulator.settings import Settings

LOCKED_CODE = 7209
NO_RECORDS_CODE = 7024
LOCKED_MESSAGE = "API access blocked since threshold limit exceeded. Please try after some time"

SENT, RESET, SILENCE = "sent", "reset", "silence"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back for one request.

    ``ending`` is ``sent`` for a whole answer, ``reset`` for a connection reset after ``sent_bytes`` of the
    body (None: before any byte) and ``silence`` for a connection that closes without a word.
    """

    decision: str
    status: int
    payload: Any
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json;charset=UTF-8"
    delay_seconds: float = 0.0
    ending: str = SENT
    sent_bytes: int | None = None

    @property
    def body(self) -> bytes:
        """The body's bytes."""
        return self.raw if self.raw is not None else to_json(self.payload)

    @property
    def status_seen(self) -> int | None:
        """The status that the client gets to see, None when it gets none."""
        unanswered = self.ending == SILENCE or (self.ending == RESET and self.sent_bytes is None)
        return None if unanswered else self.status


def to_json(payload: Any) -> bytes:
    """*payload* as compact UTF-8 JSON."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def good(payload: dict[str, Any], *, decision: str = "ok") -> Answer:
    """A plain answer."""
    return Answer(decision, 200, payload)


def page(settings: Settings, payload: dict[str, Any]) -> Answer:
    """A page of a list; one without items in the configured shape."""
    is_empty = [value for value in payload.values() if isinstance(value, list)] == [[]]
    if settings.no_records_shape == "list" or not is_empty:
        return good(payload)
    if settings.no_records_shape == "204":
        return Answer("no_records", 204, None, raw=b"")
    return Answer("no_records", 200, people_error(NO_RECORDS_CODE, "No records found.", as_list=False))


def people_error(code: object, message: str, *, as_list: bool) -> dict[str, Any]:
    """An error as Zoho People's older calls have it, inside status 200."""
    error = {"code": code, "message": message}
    return {"response": {"status": 1, "message": "Error occurred", "errors": [error] if as_list else error}}


def refusal(settings: Settings, status: int, code: object, message: str, *, decision: str = "") -> Answer:
    """An error in the configured shape; the decision is the lower-case code when none is given."""
    shape = settings.error_shape
    body = _nested(code, message) if shape.endswith("nested") else {"code": code, "message": message}
    shown_status = 200 if shape.startswith("200-") else status
    return Answer(decision or str(code).lower(), shown_status, body)


def locked(settings: Settings, *, seconds_left: float, decision: str) -> Answer:
    """The locked answer in the configured shape."""
    status, _, rest = settings.lock_shape.partition("-")
    shape = rest.removesuffix("-retry-after")
    bodies: dict[str, dict[str, Any]] = {
        "flat": {"code": LOCKED_CODE, "message": LOCKED_MESSAGE},
        "text-code": {"code": str(LOCKED_CODE), "message": LOCKED_MESSAGE},
        "nested": _nested(LOCKED_CODE, LOCKED_MESSAGE),
        "words": {"message": LOCKED_MESSAGE},
        "throttle": _throttle(math.ceil(seconds_left)),
    }
    answer = Answer(decision, int(status), bodies[shape])
    if not rest.endswith("-retry-after"):
        return answer
    wait = settings.retry_after_seconds
    return replace(answer, headers={"Retry-After": str(math.ceil(seconds_left) if wait is None else wait)})


def daily_limit_reached(settings: Settings) -> Answer:
    """The answer once the organisation's calls of the day are spent."""
    message = "Daily API call limit of the organization exceeded"
    return refusal(settings, 429, "DAILY_LIMIT_EXCEEDED", message, decision="daily_limit")


def invalid_token(settings: Settings) -> Answer:
    """The answer to a token that is missing, expired or revoked."""
    return refusal(settings, 401, "INVALID_OAUTHTOKEN", "The provided OAuth token is invalid or has expired.")


def scope_mismatch(settings: Settings) -> Answer:
    """The answer to a token without the scope."""
    return refusal(settings, 401, "OAUTH_SCOPE_MISMATCH", "The token lacks the scope that this URL needs.")


def token_error(error: str) -> Answer:
    """A failure of the token endpoint, which always comes with HTTP status 200."""
    return Answer(error.lower().replace(" ", "_"), 200, {"error": error, "status": "failure"})


def _throttle(seconds_left: int) -> dict[str, Any]:
    """How other services of Zoho say that they are locked."""
    left = f"{math.ceil(seconds_left / 60)} minutes" if seconds_left > 60 else f"{seconds_left} seconds"
    message = f"You have exceeded the limit of this URL. Try again after {left}."
    return {"error": {"title": "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED", "details": {"message": message}}}


def _nested(code: object, message: str) -> dict[str, Any]:
    return {"response": {"status": 1, "errors": {"code": code, "message": message}}}
