"""Snapshots that are older than the deployer wants them kept, removed file by file.

What later runs need stays, whatever its age: the files that rows are still to be carried forward from (what is
known of a course, :mod:`.known_units`, names their day), and the day of progress before today's, which
changes are told against. Removing the same again removes nothing; a crash in between leaves the rest for the
next time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from itertools import groupby
from operator import attrgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zoho_people.model.unit import shown
from zoho_people.storage.arrow_columns import named_rows
from zoho_people.storage.day_folders import day_folders
from zoho_people.storage.layout import (
    CHANGES,
    COURSES,
    COVERAGE,
    DAY_FOLDER,
    EXTRA_DATASETS,
    LEARNERS,
    PROGRESS,
    STATE,
    TYPE_FOLDER,
)
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)

DATASETS = (PROGRESS, COVERAGE, LEARNERS, COURSES, *EXTRA_DATASETS, CHANGES)
MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Expired:
    """What went of a dataset's day, and how many files stay because rows are carried forward from them."""

    dataset: str
    day: date
    files: int
    still_needed: int = 0


def parse_days_kept(texts: Iterable[str]) -> dict[str, int]:
    """The days that each dataset is kept, of *texts* such as ``learners=90``.

    :raises ValueError: naming the text that can't be, and what can.
    """
    days_kept: dict[str, int] = {}
    for text in texts:
        name, _, days = (part.strip() for part in text.partition("="))
        if name not in DATASETS:
            raise ValueError(
                f"{shown(text)} names no dataset; write <dataset>=<days> of: {', '.join(DATASETS)}"
            )
        is_count = days.isascii() and days.isdecimal() and len(days) <= len(str(MOST_DAYS))
        if not (is_count and 1 <= int(days) <= MOST_DAYS):
            raise ValueError(
                f"{shown(text)} is no number of days; write a whole number from 1 to {MOST_DAYS}"
            )
        if name in days_kept:
            raise ValueError(f"{name} is there twice; name each dataset once")
        days_kept[name] = int(days)
    return days_kept


def remove_expired(store: Store, days_kept: Mapping[str, int], *, today: date) -> Iterator[Expired]:
    """Remove the snapshots of days before *today* less *days_kept*, dataset by dataset, the oldest first.

    Yields each day of which something went, or would have.
    """
    needed = cache(partial(_needed_folders, store))
    for dataset, days in days_kept.items():
        oldest = today - timedelta(days=days)
        folders = sorted(day_folders(store, dataset))
        before_today = max((each.day for each in folders if each.day < today), default=None)
        for day, of_day in groupby(folders, key=attrgetter("day")):
            if day < oldest and not (dataset == PROGRESS and day == before_today):
                needed_here = needed if dataset == PROGRESS else None
                went = [each for folder in of_day for each in _remove(store, folder.path, needed_here)]
                if went:
                    yield Expired(dataset, day, files=went.count(True), still_needed=went.count(False))


def _remove(store: Store, folder: str, needed: Callable[[str], Container[str]] | None) -> Iterator[bool]:
    """Remove the Parquet files of *folder*, then the folder; of each file whether it went, or stays.

    Those stay that are *needed*: it tells of a file's name in which folders it is.
    """
    for name in store.names(folder):
        if not name.endswith(".parquet"):
            continue
        stays = needed is not None and folder in needed(name)
        if not stays:
            store.delete(f"{folder}/{name}")
        yield not stays
    if not store.names(folder):
        store.delete_tree(folder)


def _needed_folders(store: Store, name: str) -> Container[str]:
    """In which folders rows are to be carried forward from the course's file *name*, by what is known of it."""
    path = f"{STATE}/{name}"
    try:
        content = store.read(path)
    except FileNotFoundError:
        return ()
    try:
        table = pq.read_table(pa.BufferReader(content), columns=["entity_type", "rows", "snapshot_date"])
    except (pa.ArrowException, OSError, ValueError) as error:
        log.warning("%s can't be read (%s), so no snapshot of the course is removed", path, error)
        return {folder.path for folder in day_folders(store, PROGRESS)}
    with_rows: Any = pc.greater(table["rows"], pa.scalar(0))
    named = table.filter(with_rows).group_by(["entity_type", "snapshot_date"]).aggregate([])
    return {
        f"{PROGRESS}/{TYPE_FOLDER}{row['entity_type']}/{DAY_FOLDER}{row['snapshot_date']}"
        for row in named_rows(named)
    }
