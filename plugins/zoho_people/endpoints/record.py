"""One of Zoho's records as one row of the contract.

What Zoho sends is documented for tests only, so each column has a list of keys to look under (those that Zoho
documents where an entity is defined among them), and each kind of value a strict reading. One rule decides what
``attributes`` holds: a field whose value went into a column without loss leaves; everything else stays as Zoho
sent it. So junk where a number should be leaves the column null and is still there to look at.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from zoho_people.endpoints.attribute_choice import EVERYTHING, AttributeChoice
from zoho_people.endpoints.duration import duration_seconds
from zoho_people.endpoints.entity_id import UnusableRecord, find_id
from zoho_people.model.entity_type import EntityType

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_INT32 = range(-(2**31), 2**31)
_MINUTES = range(10**9)
_BARE_DURATION_S = {EntityType.FILES: 60}
"""What a duration without a unit counts, by entity type: Zoho documents it for files."""

_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


class Reading(NamedTuple):
    """A column's value, and whether it says all that the field said (then the field leaves ``attributes``)."""

    value: Any
    is_whole: bool


class Field(NamedTuple):
    """A column, the keys to look under (those that come first win), and how to read a value."""

    column: str
    keys: tuple[str, ...]
    read: Callable[[Any], Reading]


_NOTHING = Reading(None, False)


def read_record(
    record: Mapping[str, Any], entity_type: EntityType, choice: AttributeChoice = EVERYTHING
) -> dict[str, Any]:
    """The columns that come out of *record*: ``entity_id`` to ``attributes``, which has what *choice* leaves.

    :raises UnusableRecord: when it has no entity id, or can't be written as JSON.
    """
    rest = dict(record)
    key, entity_id = find_id(rest, entity_type)
    del rest[key]
    row = {"entity_id": entity_id, **read_fields(rest, _fields(entity_type), choice)}
    row["duration_seconds"] = duration_seconds(row["duration"], bare_s=_BARE_DURATION_S.get(entity_type))
    return row


def read_fields(
    record: Mapping[str, Any], fields: Iterable[Field], choice: AttributeChoice = EVERYTHING
) -> dict[str, Any]:
    """The column of each of *fields*, and ``attributes``, which has what *choice* leaves of all else.

    :raises UnusableRecord: when *record* can't be written as JSON.
    """
    rest = dict(record)
    row = {field.column: _take(rest, field) for field in fields}
    return {**row, "attributes": _as_json(choice.apply(rest))}


def _fields(entity_type: EntityType) -> Iterable[Field]:
    """The columns of a progress record; its own keys come before those that Zoho documents elsewhere."""
    kind = entity_type.key_words[0]
    is_minutes = entity_type in _BARE_DURATION_S
    return (
        Field("entity_name", (f"{kind}Name", "entityName", "name", f"{kind}Title", "title"), as_text),
        Field("status", ("status",), as_text),
        Field("is_mandatory", ("isMandatory", f"isMandatory{kind.capitalize()}"), _boolean),
        Field("user_mark", ("userMark",), as_decimal),
        Field("max_mark", (f"{kind}Mark", "maxMark", "maximumMarks", "marks"), as_decimal),
        Field("maximum_attempts_allowed", ("maximumAttemptsAllowed",), _int32),
        Field("duration", ("duration",), _text_or_minutes if is_minutes else as_text),
    )


def column_keys(entity_type: EntityType) -> frozenset[str]:
    """The keys that a column is looked for under."""
    return frozenset(key for field in _fields(entity_type) for key in field.keys)


def _take(rest: dict[str, Any], field: Field) -> Any:
    """The first value that one of the field's keys gives the column, null when none does."""
    for key in field.keys:
        value, is_whole = field.read(rest.get(key))
        if value is not None:
            if is_whole:
                del rest[key]
            return value
    first = field.keys[0]
    if first in rest and rest[first] is None:
        del rest[first]
    return None


def as_text(value: Any) -> Reading:
    """A string; one that UTF-8 can't hold (half a surrogate pair) gets U+FFFD and stays in attributes."""
    if not isinstance(value, str):
        return _NOTHING
    clean = clean_text(value)
    return Reading(clean, clean == value)


def _text_or_minutes(value: Any) -> Reading:
    if isinstance(value, int) and not isinstance(value, bool) and value in _MINUTES:
        return Reading(str(value), True)
    return as_text(value)


def _boolean(value: Any) -> Reading:
    if isinstance(value, bool):
        return Reading(value, True)
    if isinstance(value, str | int):
        return Reading(_BOOLEANS.get(_digits(value).lower()), True)
    return _NOTHING


def _digits(value: str | int) -> str:
    """*value* as text; a number far too long for anything here as no text."""
    return value if isinstance(value, str) else str(value) if abs(value) < 10**32 else ""


def as_decimal(value: Any) -> Reading:
    """The nearest float; it says all when it prints back as the same number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return _NOTHING
    text = repr(value) if isinstance(value, float) else _digits(value).strip()
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        return _NOTHING
    number = float(text)
    return Reading(number, Decimal(repr(number)) == Decimal(text))


def _int32(value: Any) -> Reading:
    number, is_whole = as_decimal(value)
    if number is None or not number.is_integer() or int(number) not in _INT32:
        return _NOTHING
    return Reading(int(number), is_whole)


def clean_text(text: str) -> str:
    """*text* with U+FFFD in the place of what can't be written as UTF-8."""
    return _SURROGATE.sub("\ufffd", text)


def _as_json(rest: dict[str, Any]) -> str:
    """A JSON object with Zoho's keys in Zoho's order; half a surrogate pair as its ``\\uXXXX`` escape.

    :raises UnusableRecord: when it can't be written as JSON.
    """
    try:
        text = json.dumps(rest, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise UnusableRecord("it can't be written as JSON") from None
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
