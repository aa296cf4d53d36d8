"""A body's bytes as JSON, as tolerant as is safe and no more."""

from __future__ import annotations

import json
import math
from typing import Any

from zoho_people.zoho.bounds import Bounds
from zoho_people.zoho.errors import TemporaryFailure, UnexpectedAnswer

MAX_DEPTH = 64
_BEFORE_A_VALUE = (b",", b"[", b"{")


def parse_object(body: bytes, bounds: Bounds, *, http_status: int) -> dict[str, Any]:
    """The JSON object in *body*: integers of any size exact, numbers beyond a float's range as text.

    :raises TemporaryFailure: the body is cut off, empty, HTML or otherwise not JSON.
    :raises UnexpectedAnswer: it is JSON but no object, has too many values or impossible numbers, or is nested
        too deep.
    """
    # Counted before it is parsed: a value of three bytes takes seventy in memory.
    if sum(map(body.count, _BEFORE_A_VALUE)) > bounds.answer_values:
        raise UnexpectedAnswer(bounds.too_large, http_status=http_status)
    try:
        value = json.loads(body, parse_float=_finite, parse_constant=_refuse_constant)
    except RecursionError:
        raise UnexpectedAnswer("the answer is nested too deep", http_status=http_status) from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise TemporaryFailure(
            f"the answer is not JSON but {_kind(body)} of {len(body)} bytes", http_status=http_status
        ) from None
    except ValueError:
        raise UnexpectedAnswer("the answer has an impossible number", http_status=http_status) from None
    if not isinstance(value, dict):
        raise UnexpectedAnswer(
            f"the answer is a JSON {type(value).__name__}, no object", http_status=http_status
        )
    if _deeper_than(value, MAX_DEPTH):
        raise UnexpectedAnswer("the answer is nested too deep", http_status=http_status)
    return value


def _finite(literal: str) -> float | str:
    number = float(literal)
    return number if math.isfinite(number) else literal


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _kind(body: bytes) -> str:
    start = body[:256].lstrip().lower()
    if not start:
        return "an empty body"
    return "HTML" if start.startswith(b"<") else "a broken body"


def _deeper_than(value: object, depth: int) -> bool:
    level: list[object] = [value]
    for _ in range(depth):
        level = [child for node in level for child in _children(node)]
    return bool(level)


def _children(node: object) -> list[object]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
