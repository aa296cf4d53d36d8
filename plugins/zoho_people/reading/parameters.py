"""What people may ask a question with: each parameter by its name, checked and in one notation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course, parse_learner_id
from zoho_people.reading.days import LATEST, parse_day
from zoho_people.reading.due_columns import DUE_DATE, DUE_GROUPS, DUE_MONTH, DUE_RANGE, read_due
from zoho_people.reading.errors import UnknownParameter

SNAPSHOT, COMPARED = "snapshot_date", "compared_with"


def read_parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    """The *given* values, each as its parameter has it; None stays.

    :raises UnknownParameter: naming the first that can't be.
    """
    return {name: None if value is None else _read(name, value) for name, value in given.items()}


def _read(name: str, value: Any) -> Any:
    try:
        read: Callable[[Any], Any] = _READERS.get(name, _number)
        return read(value)
    except (TypeError, ValueError) as error:
        raise UnknownParameter(f"{name}: {error}") from None


def _several(value: Any, *kinds: type) -> list[Any]:
    return [value] if isinstance(value, (str, *kinds)) else list(value)


def _texts(value: Any) -> list[str]:
    texts = _several(value)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{str(text)[:80]} is no text; write it in quotes")
    return texts


def _courses(value: Any) -> list[str]:
    return [str(each if isinstance(each, Course) else Course.parse(each)) for each in _several(value, Course)]


def _entity_types(value: Any) -> list[str]:
    return [EntityType.parse(each).label for each in _several(value, EntityType)]


def _learner_ids(value: Any) -> list[str]:
    return [parse_learner_id(each, field="learner") for each in _several(value)]


def _snapshot(value: Any) -> date | None:
    return None if value == LATEST else parse_day(value)


def _people(value: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        column: _due(column, each) if column in (*DUE_GROUPS, *DUE_RANGE) else _texts(each)
        for column, each in value.items()
        if each is not None
    }


def _due(column: str, value: Any) -> list[str]:
    values = [read_due(column, each) for each in _several(value, date)]
    if column in DUE_RANGE and len(values) != 1:
        raise ValueError(f"{column} is one day, not {len(values)}")
    return values


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{str(value)[:80]!r} is neither True nor False")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{str(value)[:80]!r} is no number from 0")
    return value


_READERS: Mapping[str, Callable[[Any], Any]] = {
    SNAPSHOT: _snapshot,
    COMPARED: parse_day,
    "since": parse_day,
    "courses": _courses,
    "entity_types": _entity_types,
    "learner_ids": _learner_ids,
    "departments": _texts,
    "managers": _texts,
    "locations": _texts,
    **{name: partial(_due, name) for name in DUE_RANGE},
    "due_dates": partial(_due, DUE_DATE),
    "due_months": partial(_due, DUE_MONTH),
    "people_with": _people,
    "group_by": str,
    "mandatory_only": _boolean,
}
"""What each parameter is; any other one is a number."""
