"""What is published below one output path, and a connection that has all of it as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zoho_people.reading.dataset_files import DatasetFiles
from zoho_people.reading.opened import OpenDataset, opened


@dataclass(frozen=True, slots=True)
class Dataset(DatasetFiles):
    """The files below an output path, which can be opened."""

    def open(self, **options: Any) -> OpenDataset:
        """All of it as tables; see :func:`zoho_people.reading.opened.opened` for the *options*."""
        return opened(self, **options)
