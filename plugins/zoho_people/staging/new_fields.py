"""Fields that Zoho sends and this project has no column for: each is told once, when it is first seen.

What was seen is kept in ``_state/fields.json``, by entity type. The names are Zoho's: their number and length are
bounded, and what can't be printed is escaped, so that no answer fills a log or a file.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping

from zoho_people.endpoints.entity_id import id_keys
from zoho_people.endpoints.record import column_keys
from zoho_people.model.entity_type import EntityType
from zoho_people.storage.layout import FIELDS_FILE
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

MOST_OF_A_UNIT = 50
MOST_OF_A_RUN = 1_000
MOST_KNOWN = 100
"""So many fields of an entity type are told, and remembered, at most."""

_CHARS = 64


def names_in(attributes: Iterable[str | None], entity_type: EntityType) -> tuple[str, ...]:
    """The names of the fields in *attributes* (JSON objects), less those where a column or an id may be found."""
    known = {*id_keys(entity_type), *column_keys(entity_type)}
    found: set[str] = set()
    for text in attributes:
        found.update(json.loads(text or "{}"))
    return tuple(sorted(_printable(name) for name in found - known))[:MOST_OF_A_UNIT]


def note(store: Store, found: Mapping[EntityType, Iterable[str]]) -> dict[str, list[str]]:
    """Remember the names *found*; those that were not known before, by entity type, in alphabetical order."""
    known = _read(store)
    new: dict[str, list[str]] = {}
    for entity_type, names in found.items():
        before = known.setdefault(entity_type.label, [])
        names_left = sorted(set(names).difference(before))[: max(0, MOST_KNOWN - len(before))]
        if names_left:
            new[entity_type.label] = names_left
            before += names_left
    if new:
        store.write(FIELDS_FILE, json.dumps(known, indent=1, sort_keys=True).encode())
    return new


def _printable(name: str) -> str:
    text = repr(name)[1:-1]
    return text if len(text) <= _CHARS else text[:_CHARS] + "…"


def _read(store: Store) -> dict[str, list[str]]:
    """The names that were told, by entity type; none (with a warning) where the file can't be read."""
    try:
        known = json.loads(store.read(FIELDS_FILE))
        return {str(label): [str(name) for name in names] for label, names in known.items()}
    except FileNotFoundError:
        pass
    except (ValueError, TypeError, AttributeError, RecursionError):
        log.warning("%s can't be read; every field that has no column is told anew", FIELDS_FILE)
    return {}
