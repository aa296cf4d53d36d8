"""Under which key a dataset's learners have their pseudonyms: ``_state/pseudonyms.json``, if they have any.

Rows under one key and rows under another, or under none, say different things by the same column.
"""

from __future__ import annotations

import json
from typing import Any

from zoho_people.storage.layout import COVERAGE, LEARNERS, PROGRESS, STATE
from zoho_people.storage.store import Store

NOTE = f"{STATE}/pseudonyms.json"
_KEY_MARK = "key_mark"
_DATA = (PROGRESS, COVERAGE, LEARNERS)


class OtherKey(ValueError):
    """What is to be written does not go with what is there; the message says why, and the cure."""


def check_key(store: Store, key_mark: str) -> None:
    """Return when learners under the key with *key_mark* (empty: under none) may be written below *store*'s root.

    :raises OtherKey: when data is there that was written otherwise.
    """
    noted = _noted(store)
    if noted != key_mark and any(store.names(folder) for folder in _DATA):
        raise OtherKey(
            f"the data in {store.root} was written {_under(noted)}, and this run would write {_under(key_mark)}; "
            "choose another path for it, or set [zoho_people] pseudonym_conn_id, and the key there, as it was"
        )


def note_key(store: Store, key_mark: str) -> None:
    """Check as :func:`check_key`, and note the key for those who come later."""
    check_key(store, key_mark)
    if _noted(store) == key_mark:
        return
    if key_mark:
        store.write(NOTE, json.dumps({_KEY_MARK: key_mark}).encode())
    else:
        store.delete(NOTE)


def _noted(store: Store) -> str:
    try:
        note: Any = json.loads(store.read(NOTE))
    except FileNotFoundError:
        return ""
    except ValueError:
        note = None
    mark = note.get(_KEY_MARK) if isinstance(note, dict) else None
    return mark if isinstance(mark, str) and mark else "?"


def _under(key_mark: str) -> str:
    match key_mark:
        case "":
            return "without pseudonyms"
        case "?":
            return f"under a key that {NOTE} does not tell"
    return f"with pseudonyms of the key {key_mark}"
