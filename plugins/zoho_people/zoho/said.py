"""What an answer's body says of itself, wherever and in whatever words it says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

LONGEST_WAIT_S = 86_400.0
"""More is not waited, whoever says so."""

_CODES = ("code", "errorCode", "error_code", "error")
_MESSAGES = ("message", "errorMessage", "error_message", "error_description", "title", "details", "reason")
_NESTS = ("response", "errors", "error")
_SPEAKING_NESTS = (*_NESTS, "details")
_MOST_NODES = 100
_MOST_WORDS = 1_000
_MOST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Said:
    """``code`` is the first one that is an error, ``codes`` are all; ``text`` is what a person is shown.

    ``words`` are all codes and messages in lower case, blanks for underscores. ``is_bare``: there is no list, so
    no data; ``has_items``: there is one that is not empty, and not of errors.
    """

    code: str
    codes: tuple[str, ...]
    text: str
    words: str
    is_error: bool
    is_bare: bool
    has_items: bool


def said(body: Mapping[str, Any]) -> Said:
    """What a flat body says, and what it says nested in ``response``, ``errors``, ``error`` or ``details``."""
    nodes = (*islice(_nested(body), _MOST_NODES), body)
    codes, messages = _texts(nodes, _CODES), _texts(nodes, _MESSAGES)
    code = next((code for code in codes if code != "200"), codes[0] if codes else "")
    is_bare = not any(isinstance(value, list) for value in body.values())
    spoken = list(dict.fromkeys([*filter(None, [code]), *messages])) or (_leaves(body) if is_bare else [])
    return Said(
        code=printable(code),
        codes=tuple(codes),
        text=printable(" ".join(map(printable, spoken)), limit=_MOST_TEXT),
        words=" ".join((*codes, *messages)).lower().replace("_", " "),
        is_error=any(body.get(key) for key in _NESTS) or (not codes and _has_trace_of_error(body)),
        is_bare=is_bare,
        has_items=any(isinstance(value, list) and value for key, value in body.items() if key not in _NESTS),
    )


def stated_wait_s(words: str) -> float | None:
    """The seconds after which *words* say to try again, ``after 1 hour 20 minutes`` say; None where they don't."""
    waits = [
        sum(float(number) * _UNITS_S[unit[0]] for number, unit in _DURATION.findall(stated["duration"]))
        for stated in _STATED.finditer(" ".join(words.lower().split()))
    ]
    longest = max(waits, default=0.0)
    return min(longest, LONGEST_WAIT_S) if longest else None


_DURATION = re.compile(
    r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)\b", re.ASCII
)
_STATED = re.compile(
    r"\b(?:after|in|for|wait)(?: (?:about|another|approximately))? "
    r"(?P<duration>(?:[0-9]{1,6}(?:\.[0-9]{1,3})? ?[a-z]{1,8}\b(?:,? and |,? )?){1,3})",
    re.ASCII,
)
_UNITS_S = {"h": 3_600.0, "m": 60.0, "s": 1.0}


def printable(value: object, *, limit: int = 200) -> str:
    """*value* as one line of at most *limit* characters, control characters escaped."""
    text = str(value) if isinstance(value, (str, int, float, bool)) else type(value).__name__
    begin = text[:limit]
    line = begin if begin.isprintable() else begin.encode("unicode_escape").decode("ascii")
    return line[:limit] + ("…" if len(text) > limit or len(line) > limit else "")


def _texts(nodes: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> list[str]:
    return [str(node[key])[:_MOST_WORDS] for node in nodes for key in keys if _is_scalar(node.get(key))]


def _nested(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects in which a body may hold its errors, innermost first."""
    for key in _SPEAKING_NESTS:
        node = body.get(key)
        for item in node if isinstance(node, list) else [node]:
            if isinstance(item, Mapping):
                yield from _nested(item)
                yield item
            elif isinstance(item, str):
                yield {"message": item}


def _leaves(body: Mapping[str, Any]) -> list[str]:
    """The first of what a body has to say in no field that is known."""
    return [f"{printable(key, limit=40)}: {printable(value)}" for key, value in islice(_scalars(body), 3)]


def _scalars(body: Mapping[str, Any]) -> Iterator[tuple[str, str | int]]:
    for key, value in body.items():
        if isinstance(value, Mapping):
            yield from _scalars(value)
        elif _is_scalar(value) and value != "":
            yield key, value


def _has_trace_of_error(body: Mapping[str, Any]) -> bool:
    """Whether a body without any code has the key of an error, or a code that is none."""
    failed = str(body.get("status")).lower() in {"error", "failure", "1"}
    return failed or body.get("code") is not None or any(key in body for key in _NESTS)


def _is_scalar(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)
