"""Under which key a dataset's learners have their pseudonyms: ``_state/pseudonyms.json``, if they have any.

Rows under one key and rows under another, or under none, say different things by the same column.
"""

from __future__ import annotations

import json
from typing import Any

from zoho_people.storage.layout import COVERAGE, EXTRA_DATASETS, LEARNERS, PROGRESS, STATE
from zoho_people.storage.store import Store

NOTE = f"{STATE}/pseudonyms.json"
_NAME = "key_mark"
_DATA = (PROGRESS, COVERAGE, LEARNERS, *EXTRA_DATASETS)


class OtherKey(ValueError):
    """What is to be written does not go with what is there; the message says why, and the cure."""


def check_key(store: Store, fingerprint: str) -> None:
    """Check that learners may be written below *store*'s root under the key of *fingerprint*, empty: under none.

    :raises OtherKey: when data is there that was written otherwise.
    """
    noted = _noted(store)
    if noted != fingerprint and any(store.names(folder) for folder in _DATA):
        raise OtherKey(
            f"the data in {store.root} was written {_under(noted)}, and this run would write "
            f"{_under(fingerprint)}; choose another path for it, or set [zoho_people] pseudonym_conn_id, and the "
            "key there, as it was"
        )


def note_key(store: Store, fingerprint: str) -> None:
    """Check as :func:`check_key`, and note the key for those who come later."""
    check_key(store, fingerprint)
    if _noted(store) == fingerprint:
        return
    if fingerprint:
        store.write(NOTE, json.dumps({_NAME: fingerprint}).encode())
    else:
        store.delete(NOTE)


def _noted(store: Store) -> str:
    try:
        note: Any = json.loads(store.read(NOTE))
    except FileNotFoundError:
        return ""
    except ValueError:
        note = None
    fingerprint = note.get(_NAME) if isinstance(note, dict) else None
    return fingerprint if isinstance(fingerprint, str) and fingerprint else "?"


def _under(fingerprint: str) -> str:
    match fingerprint:
        case "":
            return "without pseudonyms"
        case "?":
            return f"under a key that {NOTE} does not tell"
    return f"with pseudonyms of the key {fingerprint}"
