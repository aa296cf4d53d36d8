"""What is kept of one source: its days that are open, its counts, and the files that can't be read."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from zoho_people.reading.opened import OpenDataset
from zoho_people.storage.layout import LEARNERS
from zoho_people.web.kept_counts import KeptCounts
from zoho_people.web.published_files import DATASETS, Listing, PublishedFiles
from zoho_people.web.source import Source, State
from zoho_people.web.view import Answers

MEMORY_MB = 160


@dataclass
class OpenDay:
    """The open tables of a day, and how many look at them; closed once it is *retired* and nobody does."""

    opened: OpenDataset
    fingerprint: str
    counted: frozenset[date]
    answers: Answers = field(default_factory=Answers)
    warning: str = ""
    readers: int = 0
    is_retired: bool = False

    def is_current(self, state: State, counted: Collection[date], *, may_lack_days: bool) -> bool:
        """Whether it shows *state*; it may lack days *counted* since it was opened only where *may_lack_days*."""
        return self.fingerprint == state.fingerprint and (may_lack_days or self.counted == frozenset(counted))

    def close_unused(self) -> None:
        """Close it, if it is retired and nobody looks at it."""
        if self.is_retired and not self.readers:
            self.opened.close()


class Unreadable(NamedTuple):
    """*why* the file with that *fingerprint* can't be read."""

    fingerprint: str
    why: str


@dataclass
class KeptSource:
    """What is kept of one source.

    ``lock`` guards these fields, and is never held for long. ``opening`` has a lock for each day: only who needs
    that day waits while it is counted and opened.
    """

    counts: KeptCounts
    listings: list[tuple[Listing, tuple[str, ...]]]
    lock: Lock = field(default_factory=Lock)
    listing: Lock = field(default_factory=Lock)
    opening: defaultdict[date, Lock] = field(default_factory=lambda: defaultdict(Lock))
    by_day: OrderedDict[date, OpenDay] = field(default_factory=OrderedDict)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    """The files that can't be read, by path."""

    newest: State | None = None
    """What there was when somebody looked last."""

    is_counting: bool = False
    is_gone: bool = False
    used_at: float = 0.0

    @classmethod
    def of(cls, source: Source, folder: Path) -> KeptSource:
        """Nothing yet of *source*, whose counts will be in *folder*."""
        dataset = source.dataset
        if dataset.learners_store is dataset.store:
            listings: list[tuple[Listing, tuple[str, ...]]] = [(Listing(dataset.store), DATASETS)]
        else:
            others = tuple(each for each in DATASETS if each != LEARNERS)
            listings = [(Listing(dataset.store), others), (Listing(dataset.learners_store), (LEARNERS,))]
        return cls(KeptCounts(folder, memory_mb=MEMORY_MB), listings)

    def files(self) -> PublishedFiles:
        """What is published now."""
        with self.listing:
            return PublishedFiles.of(
                file for listing, datasets in self.listings for file in listing.files(*datasets)
            )

    def retire(self, *days: date) -> None:
        """Close what is open of *days*, or of all, as soon as nobody looks at it any more."""
        for day in days or list(self.by_day):
            found = self.by_day.pop(day, None)
            if found is not None:
                found.is_retired = True
                found.close_unused()

    def remove(self) -> None:
        """Close all as soon as nobody looks at it, and remove the counts from the disk."""
        with self.lock:
            self.is_gone = True
            self.retire()
        self.counts.remove()
