"""The folders that hold a dataset, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from zoho_people.storage.layout import PROGRESS, TYPE_FOLDER, snapshot_day
from zoho_people.storage.store import Store


class DayFolder(NamedTuple):
    """A folder of a dataset that holds rows of one day; ``path`` is relative to the output path."""

    day: date
    path: str


def day_folders(store: Store, dataset: str) -> Iterator[DayFolder]:
    """Each day's folders of *dataset*; of the progress there is one for every entity type."""
    roots = [dataset]
    if dataset == PROGRESS:
        roots = [f"{dataset}/{name}" for name in store.names(dataset) if name.startswith(TYPE_FOLDER)]
    for root in roots:
        for name in store.names(root):
            day = snapshot_day(name)
            if day is not None:
                yield DayFolder(day, f"{root}/{name}")
