"""Where a dataset's rows come from: ``_state/origin.json``. A dataset belongs to one organisation.

The first run notes its origin; a run of another origin is refused. The note is a list: a deployer who knows that
two origins are the same organisation (another client, another data centre) writes the second one into it.
"""

from __future__ import annotations

import json
import logging

from zoho_people.model.unit import shown
from zoho_people.storage.layout import LEARNERS, ORIGIN_FILE, PROGRESS
from zoho_people.storage.store import Store
from zoho_people.zoho.origin import EMULATOR

log = logging.getLogger(__name__)

ANOTHER_PATH = "Name another output_path"


class OtherOrigin(ValueError):
    """The dataset is another organisation's, or nobody knows whose; the message says what to do."""


def refuse_other(store: Store, origin: str, *, cure: str = ANOTHER_PATH) -> None:
    """Refuse a run that brings data of *origin*, where the dataset has another's; *cure* is what to do then.

    One that has rows from before there were notes is taken for Zoho's: no emulator may add to it.

    :raises OtherOrigin: naming both, and the cure.
    """
    noted = _noted(store)
    if noted is not None and origin not in noted:
        raise OtherOrigin(
            f"the dataset has data of {' and of '.join(noted)}, this run would bring that of {origin}. "
            f'{cure}; or, if that is the same organisation, add "{origin}" to the list in '
            f"{store.full(ORIGIN_FILE)}"
        )
    if noted is None and origin == EMULATOR and _has_rows(store):
        raise OtherOrigin(
            f"the dataset has rows, and nothing says that they are an emulator's, while this run would bring data "
            f'of {EMULATOR}. {cure}; or, if they are, write {{"origins": ["{EMULATOR}"]}} to '
            f"{store.full(ORIGIN_FILE)}"
        )


def note_origin(store: Store, origin: str, *, cure: str = ANOTHER_PATH) -> None:
    """Have the dataset be *origin*'s from now on, unless it is already.

    Of two runs of different origins that come first at once, one is refused here or before it publishes.

    :raises OtherOrigin: when it is another's.
    """
    refuse_other(store, origin, cure=cure)
    if _noted(store) is not None:
        return
    if _has_rows(store):
        log.warning(
            "The dataset has rows from before its origin was noted; it is taken for that of %s from now on",
            origin,
        )
    store.write(ORIGIN_FILE, json.dumps({"origins": [origin]}).encode())
    refuse_other(store, origin, cure=cure)
    log.info("The dataset belongs to %s from now on (%s)", origin, store.full(ORIGIN_FILE))


def refuse_beside_other(store: Store, *others: Store) -> None:
    """Refuse to go from the dataset in *store* to one of *others* that is another organisation's.

    :raises OtherOrigin: also when nothing says whose *store* is, and the other is somebody's.
    """
    for other in others:
        noted = _noted(other)
        if noted is not None and set(noted).isdisjoint(_noted(store) or ()):
            raise OtherOrigin(
                f"{other.root} has data of {' and of '.join(noted)}, and nothing says that {store.root} has, too. "
                "Name an output path of that organisation; or have the deployer run python -m zoho_people forget"
            )


def _has_rows(store: Store) -> bool:
    """Whether there is progress; or names, where these have a root of their own."""
    return bool(store.names(PROGRESS) or store.names(LEARNERS))


def _noted(store: Store) -> list[str] | None:
    """The origins that may write to the dataset; None where none is noted."""
    try:
        text = store.read(ORIGIN_FILE)
    except FileNotFoundError:
        return None
    try:
        origins = json.loads(text)["origins"]
    except (ValueError, LookupError, TypeError, RecursionError):
        origins = None
    if not isinstance(origins, list) or not origins or not all(isinstance(each, str) for each in origins):
        raise OtherOrigin(
            f"{store.full(ORIGIN_FILE)} doesn't say whose data the dataset has ({shown(text[:60])}); restore it, "
            "or remove it, and the next run notes its own organisation there"
        )
    return origins
