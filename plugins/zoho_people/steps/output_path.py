"""The output path before a run: whether it takes files, whether there is room, what abandoned runs left."""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from zoho_people.model.unit import shown
from zoho_people.model.wording import counted
from zoho_people.staging.run_marker import remove_stale
from zoho_people.steps.request import InvalidRequest
from zoho_people.storage.layout import STAGING
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

STAGING_KEPT = timedelta(days=7)
"""How long a run that was not completed keeps what it staged."""

LEAST_FREE_BYTES = 128 * 2**20
"""Below it a run is refused: some hours' answers would fill the disk, and with it whatever else writes there."""

AMPLE_FREE_BYTES = 2**30
"""Below it there is a warning. The 43,200 answers of a day take some 350 MB in staging (8 KB each, measured), and
a file of the dataset is written beside the old one before it takes its place."""


def writable(open_store: Callable[[], Store], name: str, path: str) -> Store:
    """The files below *path*, which is set as *name*, after one was written and removed there.

    :raises InvalidRequest: when that can't be done.
    """
    probe = f"{STAGING}/_tmp/_writable-{uuid.uuid4()}"
    try:
        store = open_store()
        store.write(probe, b"")
        store.delete(probe)
    except Exception as error:
        log.exception("%s can't be written to", name)
        raise InvalidRequest(
            f"{name} {shown(path)} can't be written to ({type(error).__name__}); check that "
            "it exists, that the worker may write there, and for a URL that its provider and connection are there"
        ) from None
    return store


def free_on_disk(folder: str) -> int:
    """The bytes that may still be written below *folder*."""
    return shutil.disk_usage(folder).free


def refuse_full_disk(
    store: Store, output_path: str, *, free_bytes: Callable[[str], int] = free_on_disk
) -> None:
    """:raises InvalidRequest: when a local disk has no room for a run; where it is scarce, there is a warning."""
    if not store.is_local:
        return
    free = free_bytes(store.root or "/")
    if free < LEAST_FREE_BYTES:
        raise InvalidRequest(
            f"output_path {shown(output_path)} has {free / 2**20:.0f} MiB free, and a run needs at least "
            f"{LEAST_FREE_BYTES / 2**20:.0f} MiB; make room, or choose another output_path"
        )
    if free < AMPLE_FREE_BYTES:
        log.warning(
            "Only %.1f GiB are free at %s; a day that uses all requests stages some 0.4 GiB, and files are "
            "written anew beside the old ones; make room before it runs full",
            free / 2**30,
            output_path,
        )


def remove_stale_staging(store: Store) -> None:
    """Remove what abandoned runs staged; housekeeping that fails is no reason to fail a run."""
    try:
        stale = remove_stale(store, before=datetime.now(UTC) - STAGING_KEPT)
    except Exception:
        log.exception("What earlier runs staged could not be removed; the next run tries again")
        return
    for name in stale.removed:
        log.info("Removed what the run %s had staged: not completed for %d days", name, STAGING_KEPT.days)
    if stale.left:
        log.info(
            "Left alone below _staging: %s older than %d days, such as %s, without this project's marker: of an "
            "earlier version, or somebody else's; remove what nobody needs",
            counted(len(stale.left), "folder"),
            STAGING_KEPT.days,
            stale.left[0],
        )
