"""What tells that a staging folder is a run's of this project: ``_staging/<run key>/zoho-people-run.json``.

Written when the run's staging begins. Only what has it is ever removed as stale, and a host that doesn't see it
doesn't see the run's files.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from zoho_people.storage import layout
from zoho_people.storage.store import Store

MARKER = "zoho-people-run.json"
_SCRATCH = f"{layout.STAGING}/_tmp"
_SCRATCH_FILE = re.compile("_[0-9a-f]{32}")
"""How :class:`Store` names files that it has not finished."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The old folders that :func:`remove_stale` ``removed``, and those without the marker, which it ``left``."""

    removed: tuple[str, ...]
    left: tuple[str, ...]


def mark_begun(store: Store, run_key: str, *, dag_run_id: str, at: datetime) -> None:
    """Begin the run's staging."""
    facts = {"dag_run_id": dag_run_id, "begun_at": at.isoformat()}
    store.write(_marker(run_key), json.dumps(facts).encode())


def is_begun(store: Store, run_key: str) -> bool:
    """Whether the run's staging was begun in this *store*, and not removed since."""
    return store.exists(_marker(run_key))


def remove_stale(store: Store, *, before: datetime) -> Stale:
    """Remove what runs staged whose last file was written earlier than *before*.

    So are files that a killed process left half written; they belong to no run.
    """
    for name in store.names(_SCRATCH):
        if _SCRATCH_FILE.fullmatch(name) and store.is_older(f"{_SCRATCH}/{name}", before):
            store.delete(f"{_SCRATCH}/{name}")
    removed, left = list[str](), list[str]()
    for name in store.names(layout.STAGING):
        if not store.is_older(layout.staging_folder(name), before):
            continue
        if is_begun(store, name):
            store.delete_tree(layout.staging_folder(name))
            removed.append(name)
        elif not name.startswith("_"):
            left.append(name)
    return Stale(tuple(removed), tuple(left))


def _marker(run_key: str) -> str:
    return f"{layout.staging_folder(run_key)}/{MARKER}"
