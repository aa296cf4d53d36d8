"""Good answers twisted into ones that a careful client must refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from zoho_emulator.answers import Answer
from zoho_emulator.settings import Settings

_MEGABYTE = 1_000_000


def wrong_learner(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    """Another learner's id."""
    learner_id = due.payload.get("learnerId", 0)
    other = options["learner_id"]
    if other is None:
        other = type(learner_id)(int(learner_id) + 1)
    return _with(due, learnerId=other)


def wrong_entity_type(due: Answer, _settings: Settings, _options: Mapping[str, Any]) -> Answer:
    """Another entity type."""
    return _with(due, entityType=(int(due.payload.get("entityType", 0)) + 1) % 10)


def empty_more(due: Answer, _settings: Settings, _options: Mapping[str, Any]) -> Answer:
    """No items, and yet there is more."""
    empty: dict[str, Any] = {key: [] for key, value in due.payload.items() if isinstance(value, list)}
    return _with(due, **empty, hasMoreRecords=True)


def repeat_page(due: Answer, _settings: Settings, _options: Mapping[str, Any]) -> Answer:
    """The service has been asked for the first page again, and says that there is more."""
    return _with(due, hasMoreRecords=True)


def endless(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    """The items of the first page under other ids, whatever the start index, and always more to come."""
    lists = {key: items for key, items in due.payload.items() if isinstance(items, list) and items}
    moved = {key: [_moved(item, options["start_index"]) for item in items] for key, items in lists.items()}
    return _with(due, **moved, hasMoreRecords=True) if lists else due


def _moved(item: dict[str, Any], by: int) -> dict[str, Any]:
    """The item with another id: the first of its keys that is one."""
    key = next(key for key in item if key.endswith("Id"))
    return {**item, key: type(item[key])(int(item[key]) + by)}


def many_values(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    """Empty objects beside the items: small on the way, large in memory."""
    padding = b",".join([b"{}"] * options["values"])
    return replace(due, raw=due.body[:-1] + b',"padding":[' + padding + b"]}")


def huge_body(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    """Megabytes of padding beside the items."""
    return _with(due, padding="x" * int(options["megabytes"] * _MEGABYTE))


def deep_nesting(due: Answer, _settings: Settings, options: Mapping[str, Any]) -> Answer:
    """A field whose lists are nested *depth* deep."""
    depth = options["depth"]
    nested = b"[" * depth + b"]" * depth
    return replace(due, raw=due.body[:-1] + b',"nested":' + nested + b"}")


def _with(due: Answer, **changes: object) -> Answer:
    """The answer with those fields in its JSON object."""
    return replace(due, payload={**due.payload, **changes})
