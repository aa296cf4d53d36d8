"""One of Zoho's records as one row of the contract.

What Zoho sends is documented for tests only, so each column has a list of keys to look under, and each kind
of value a strict reading. One rule decides what ``attributes`` holds: a field whose value went into a column
without loss leaves; everything else stays as Zoho sent it. So junk where a number should be leaves the
column null and is still there to look at.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from zoho_people.api.entity_type import EntityType
from zoho_people.api.unit import id_digits
from zoho_people.dataset.duration import duration_seconds

_KINDS = {
    EntityType.OFFLINE_TESTS: "test",
    EntityType.ONLINE_TESTS: "test",
    EntityType.ASSIGNMENTS: "assignment",
    EntityType.FILES: "file",
    EntityType.CONTENTS: "content",
    EntityType.SESSIONS: "session",
    EntityType.LINKS: "link",
    EntityType.PRE_LEARNING_TESTS: "test",
    EntityType.POST_LEARNING_TESTS: "test",
    EntityType.FEEDBACKS: "feedback",
}
_FOREIGN_IDS = {"learnerId", "courseId", "batchId"}
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_INT32 = range(-(2**31), 2**31)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

Reading = tuple[Any, bool]
"""A column's value, and whether it says all that the field said (then the field leaves ``attributes``)."""


class UnusableRecord(ValueError):
    """The record can't become a row; the message says why and quotes nothing of it."""


def read_record(record: object, entity_type: EntityType) -> dict[str, Any]:
    """The columns that come out of *record*: ``entity_id`` to ``attributes``.

    :raises UnusableRecord: when it is no object, has no entity id, or can't be written as JSON.
    """
    if not isinstance(record, Mapping):
        raise UnusableRecord("it is not an object")
    rest = dict(record)
    kind = _KINDS[entity_type]
    row: dict[str, Any] = {"entity_id": _take_id(rest, kind)}
    for column, keys, read in _columns(kind):
        row[column] = take(rest, keys, read)
    row["duration_seconds"] = duration_seconds(row["duration"])
    row["attributes"] = as_json(rest)
    return row


def _columns(kind: str) -> Iterable[tuple[str, tuple[str, ...], Callable[[Any], Reading]]]:
    return (
        ("entity_name", (f"{kind}Name", "entityName", "name", f"{kind}Title", "title"), as_text),
        ("status", ("status",), as_text),
        ("is_mandatory", ("isMandatory",), _boolean),
        ("user_mark", ("userMark",), as_decimal),
        ("max_mark", (f"{kind}Mark", "maxMark"), as_decimal),
        ("maximum_attempts_allowed", ("maximumAttemptsAllowed",), _int32),
        ("duration", ("duration",), as_text),
    )


def _take_id(rest: dict[str, Any], kind: str) -> str:
    """The entity's id: under the documented key, a general one, or the only other key that ends with "Id"."""
    known = [key for key in (f"{kind}Id", "entityId", "id") if id_digits(rest.get(key))]
    others = [key for key in rest if key.endswith("Id") and key not in _FOREIGN_IDS and id_digits(rest[key])]
    if not known and len(others) != 1:
        raise UnusableRecord(f"it has no usable {kind}Id")
    return id_digits(rest.pop((known or others)[0]))


def take(rest: dict[str, Any], keys: tuple[str, ...], read: Callable[[Any], Reading]) -> Any:
    """The first of *keys* that gives the column a value; null when none does."""
    for key in keys:
        value, is_whole = read(rest.get(key))
        if value is not None:
            if is_whole:
                del rest[key]
            return value
    if keys[0] in rest and rest[keys[0]] is None:
        del rest[keys[0]]
    return None


def as_text(value: Any) -> Reading:
    """A string; one that UTF-8 can't hold (half a surrogate pair) gets U+FFFD and stays in attributes."""
    if not isinstance(value, str):
        return None, False
    clean = clean_text(value)
    return clean, clean == value


def _boolean(value: Any) -> Reading:
    if isinstance(value, bool):
        return value, True
    if isinstance(value, str | int):
        return _BOOLEANS.get(_digits(value).lower()), True
    return None, False


def _digits(value: str | int) -> str:
    """*value* as text; a number far too long for anything here as no text."""
    return value if isinstance(value, str) else str(value) if abs(value) < 10**32 else ""


def as_decimal(value: Any) -> Reading:
    """The nearest float; it says all when it prints back as the same number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None, False
    text = repr(value) if isinstance(value, float) else _digits(value).strip()
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        return None, False
    number = float(text)
    return number, Decimal(repr(number)) == Decimal(text)


def _int32(value: Any) -> Reading:
    number, is_whole = as_decimal(value)
    if number is None or not number.is_integer() or int(number) not in _INT32:
        return None, False
    return int(number), is_whole


def clean_text(text: str) -> str:
    """*text* with U+FFFD in the place of what can't be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def as_json(rest: dict[str, Any]) -> str:
    """A JSON object with Zoho's keys in Zoho's order; half a surrogate pair as its ``\\uXXXX`` escape.

    :raises UnusableRecord: when it can't be written as JSON.
    """
    try:
        text = json.dumps(rest, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise UnusableRecord("it can't be written as JSON") from None
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
