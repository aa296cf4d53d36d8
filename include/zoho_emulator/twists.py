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
