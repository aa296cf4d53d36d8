"""What can go wrong with a request: each action turns the answer that was due into the one that is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zoho_emulator import answers, twists
from zoho_emulator.answers import RESET, SILENCE, Answer
from zoho_emulator.problems import ScriptError, number, only_keys, text
from zoho_emulator.settings import Settings

NOTHING, ANSWER, PAGE = "nothing", "an answer", "a good answer"
"""What an action needs: a page can only be twisted where there is one."""

_HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"

_OPTIONAL_NUMBERS = ("after_bytes", "seconds")

_STATUS_CODES = {
    400: ("INVALID_INPUT", "Invalid input."),
    401: ("INVALID_OAUTHTOKEN", "The provided OAuth token is invalid or has expired."),
    403: ("PERMISSION_DENIED", "You are not authorized to perform this operation."),
    404: ("NOT_FOUND", "Not found."),
    422: ("MAXIMUM_LIMIT_EXCEEDED", "Maximum limit exceeded."),
    429: ("TOO_MANY_REQUESTS", "Too many requests."),
    500: ("SERVER_ERROR", "Internal server error."),
    502: ("BAD_GATEWAY", "Bad gateway."),
    503: ("SERVICE_UNAVAILABLE", "Service unavailable."),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that goes wrong; ``options`` are the ones of its type, complete with their defaults."""

    type: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_due(self) -> bool:
        """Whether the service does its work first; else it never gets to it (no token is minted, say)."""
        return _ACTIONS[self.type].needs != NOTHING

    def apply(self, due: Answer, settings: Settings) -> Answer:
        """The answer that is sent instead of the one that is *due*."""
        kind = _ACTIONS[self.type]
        if kind.needs == PAGE and due.decision != "ok":
            return due
        return replace(kind.apply(due, settings, self.options), decision=f"fault:{self._label}")

    @property
    def _label(self) -> str:
        status = f"_{self.options['status']}" if self.type == "http_status" else ""
        return self.type.removesuffix("_status") + status


Apply = Callable[[Answer, Settings, Mapping[str, Any]], Answer]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of action: what it does and its options with their defaults."""

    needs: str
    apply: Apply
    defaults: Mapping[str, Any] = field(default_factory=dict)


def parse_action(spec: object, *, where: str) -> Action:
    """The action of a rule: its type's name, or an object of ``type`` and options.

    :raises ScriptError: for an unknown type or option, or a value of the wrong type.
    """
    if isinstance(spec, str):
        spec = {"type": spec}
    if not isinstance(spec, dict):
        raise ScriptError(f"{where}: action must be a name or an object with a type")
    name = text(spec, "type", where=f"{where}, action")
    if name not in _ACTIONS:
        raise ScriptError(f"{where}: unknown action {name!r}; the actions are: {', '.join(_ACTIONS)}")
    defaults = _ACTIONS[name].defaults
    given = {key: value for key, value in spec.items() if key != "type"}
    where = f"{where}, action {name}"
    only_keys(given, tuple(defaults), where=where)
    for key, default in defaults.items():
        _check_option(given, key, default, where=where)
    return Action(name, {**defaults, **given})


def _check_option(given: Mapping[str, Any], key: str, default: object, *, where: str) -> None:
    """Refuse a value whose type isn't the default's; None stands for any value, or for an optional number."""
    if key not in given or (default is None and key not in _OPTIONAL_NUMBERS):
        return
    if default is None:
        number(given, key, where=where, default=0)
    if isinstance(default, bool):
        if not isinstance(given[key], bool):
            raise ScriptError(f"{where}: {key} must be true or false")
    elif isinstance(default, int | float):
        least, most = (200, 599) if key == "status" else (0, 1e9)
        value = number(given, key, where=where, default=default, least=least, most=most)
        if isinstance(default, int) and not isinstance(value, int):
            raise ScriptError(f"{where}: {key} must be a whole number, not {value!r}")
    elif isinstance(default, str):
        text(given, key, where=where)


def _http_status(_due: Answer, settings: Settings, options: Mapping[str, Any]) -> Answer:
    code, message = _STATUS_CODES.get(options["status"], ("ERROR", "Error."))
    plain = replace(settings, error_shape=settings.error_shape.removeprefix("200-"))
    code = code if options["code"] is None else options["code"]
    answer = answers.refusal(plain, options["status"], code, options["message"] or message)
    return answer if options["body"] is None else replace(answer, payload=options["body"])


def _error_in_200(_due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    code = "SERVER_ERROR" if options["code"] is None else options["code"]
    return Answer("", 200, {"code": code, "message": options["message"]})


def _people_error(_due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    body = answers.people_error(options["code"], options["message"], as_list=options["as_list"])
    return Answer("", 200, body)


def _html(_due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    return Answer("", options["status"], None, raw=_HTML, content_type="text/html;charset=UTF-8")


def _raw(_due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    body = options["body"].encode("utf-8", "surrogatepass")
    return Answer("", options["status"], None, raw=body, content_type=options["content_type"])


def _truncated(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    return replace(due, raw=due.body[: int(len(due.body) * min(options["keep_share"], 1))])


def _reset(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    return replace(
        due, ending=RESET, sent_bytes=None if options["after_bytes"] is None else int(options["after_bytes"])
    )


def _timeout(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    return replace(due, ending=SILENCE, delay_seconds=float(options["seconds"]))


def _delay(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    return replace(due, delay_seconds=float(options["seconds"]))


def _redirect(_due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    return Answer("", options["status"], None, raw=b"", headers={"Location": options["location"]})


def _locked(_due: Answer, settings: Settings, options: Mapping[str, Any]) -> Answer:
    seconds = settings.lock_seconds if options["seconds"] is None else options["seconds"]
    return answers.locked(settings, seconds_left=seconds, decision="")


def _daily_limit(_due: Answer, settings: Settings, _options: Mapping[str, Any]) -> Answer:
    return answers.daily_limit_reached(settings)


def _unauthorized(_due: Answer, settings: Settings, _options: Mapping[str, Any]) -> Answer:
    return answers.invalid_token(settings)


def _scope_mismatch(_due: Answer, settings: Settings, _options: Mapping[str, Any]) -> Answer:
    return answers.scope_mismatch(settings)


def _token_error(_due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    return answers.token_error(options["error"])


_ACTIONS: dict[str, _Kind] = {
    "http_status": _Kind(NOTHING, _http_status, {"status": 500, "code": None, "message": "", "body": None}),
    "error_in_200": _Kind(NOTHING, _error_in_200, {"code": None, "message": "Internal server error."}),
    "people_error": _Kind(
        NOTHING, _people_error, {"code": 7040, "message": "Permission denied.", "as_list": False}
    ),
    "html": _Kind(NOTHING, _html, {"status": 200}),
    "raw": _Kind(
        NOTHING, _raw, {"status": 200, "body": "", "content_type": "application/json;charset=UTF-8"}
    ),
    "truncated": _Kind(ANSWER, _truncated, {"keep_share": 0.5}),
    "reset": _Kind(ANSWER, _reset, {"after_bytes": None}),
    "timeout": _Kind(ANSWER, _timeout, {"seconds": 60.0}),
    "delay": _Kind(ANSWER, _delay, {"seconds": 1.0}),
    "wrong_learner": _Kind(PAGE, twists.wrong_learner, {"learner_id": None}),
    "wrong_entity_type": _Kind(PAGE, twists.wrong_entity_type),
    "empty_more": _Kind(PAGE, twists.empty_more),
    "repeat_page": _Kind(PAGE, twists.repeat_page),
    "endless": _Kind(PAGE, twists.endless),
    "many_values": _Kind(PAGE, twists.many_values, {"values": 10_000_000}),
    "huge_body": _Kind(PAGE, twists.huge_body, {"megabytes": 64.0}),
    "deep_nesting": _Kind(PAGE, twists.deep_nesting, {"depth": 100_000}),
    "redirect": _Kind(NOTHING, _redirect, {"status": 302, "location": "http://elsewhere.invalid/"}),
    "locked": _Kind(NOTHING, _locked, {"seconds": None}),
    "daily_limit": _Kind(NOTHING, _daily_limit),
    "unauthorized": _Kind(NOTHING, _unauthorized, {"revoke": False}),
    "scope_mismatch": _Kind(NOTHING, _scope_mismatch),
    "token_error": _Kind(NOTHING, _token_error, {"error": "Access Denied"}),
}
