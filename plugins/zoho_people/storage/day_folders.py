"""The folders that hold a dataset, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from zoho_people.storage.layout import PROGRESS, TYPE_FOLDER, snapshot_day
from zoho_people.storage.store import Store


def day_folders(store: Store, dataset: str) -> Iterator[tuple[date, str]]:
    """Each day's folders of *dataset*; of the progress there is one for every entity type."""
    roots = [dataset]
    if dataset == PROGRESS:
        roots = [f"{dataset}/{name}" for name in store.names(dataset) if name.startswith(TYPE_FOLDER)]
    for root in roots:
        for name in store.names(root):
            day = snapshot_day(name)
            if day is not None:
                yield day, f"{root}/{name}"
