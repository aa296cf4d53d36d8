"""Where a page's answers come from: one output path, the place of names, and what was brought along."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from zoho_people.model.unit import Course
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.dataset_files import latest_of, partial_of
from zoho_people.storage.brought_file import FileLimits
from zoho_people.storage.layout import CHANGES, COURSES, COVERAGE, LEARNERS, PROGRESS, course_name
from zoho_people.web.published_files import PublishedFiles, info_fingerprint

_LISTS = timedelta(days=7)
"""How much older than a snapshot the lists may be that name its courses and learners."""


@dataclass(frozen=True, slots=True)
class Source:
    """The dataset, and the files that say where learners work and what is due when, if there are any."""

    dataset: Dataset
    people: Any = None
    deadlines: Any = None
    limits: FileLimits = field(default_factory=FileLimits)

    @property
    def key(self) -> str:
        """A name that no other source has, and in which nothing can be read."""
        stores = (self.dataset.store, self.dataset.learners_store)
        roots = [f"{store.fs.protocol} {store.fs.storage_options} {store.root}" for store in stores]
        text = "\n".join([*roots, str(self.people), str(self.deadlines)])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def brought_along(self) -> tuple[str, ...]:
        """The fingerprints of the files that were brought along."""
        return tuple(_fingerprint(file) for file in (self.people, self.deadlines) if file is not None)


def _fingerprint(file: Any) -> str:
    """The fingerprint of *file*, a path as Airflow has them."""
    try:
        return info_fingerprint(file.fs.info(file.path))
    except FileNotFoundError:
        return "none"


@dataclass(frozen=True, slots=True)
class State:
    """What a source has at a moment: its files, and fingerprints of those that were brought along."""

    files: PublishedFiles
    brought_along: tuple[str, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Files that can't be read, which are left out, and why."""

    @property
    def fingerprint(self) -> str:
        """Differs as soon as anything does."""
        return f"{self.files.whole} {self.brought_along} {sorted(self.unreadable)}"

    @property
    def short_fingerprint(self) -> str:
        """The same, for the browser."""
        return hashlib.sha256(self.fingerprint.encode()).hexdigest()[:16]

    def without(self, unreadable: Mapping[str, str]) -> State:
        """Without the files that are known to be *unreadable*."""
        if not unreadable:
            return self
        return replace(self, files=self.files.without(unreadable), unreadable=unreadable)

    @property
    def snapshots(self) -> list[date]:
        """The days of which there is a snapshot, the latest first."""
        return self.files.days(PROGRESS, COVERAGE)

    @property
    def latest(self) -> date:
        """The snapshot that ``latest`` means: a newer one of a part of the organisation is passed over."""
        return latest_of(self.snapshots, self._file_counts)

    @property
    def partial_days(self) -> list[date]:
        """The days of which there is a snapshot of a part of the organisation."""
        return partial_of(self.snapshots, self._file_counts)

    @property
    def _file_counts(self) -> dict[date, int]:
        return {day: len(self.files.paths(PROGRESS, [day])) for day in self.files.days(PROGRESS)}

    def files_of(self, day: date) -> dict[str, list[str]]:
        """The files that answers about *day* come from; what changed is told of all days until then."""
        lists = [each for each in self.files.days(COURSES, LEARNERS) if day - _LISTS <= each <= day]
        changes = [each for each in self.files.days(CHANGES) if each <= day]
        return {
            PROGRESS: self.files.paths(PROGRESS, [day]),
            COVERAGE: self.files.paths(COVERAGE, {*lists, day}),  # who is in a list is here by the coverage
            COURSES: self.files.paths(COURSES, lists),
            LEARNERS: self.files.paths(LEARNERS, lists),
            CHANGES: self.files.paths(CHANGES, changes),
        }

    def course_files(self, day: date) -> frozenset[str]:
        """The names of the files of progress of *day*: one for each course or batch, whatever the entity type."""
        return frozenset(path.rpartition("/")[2] for path in self.files.paths(PROGRESS, [day]))

    def files_of_courses(self, day: date, courses: Sequence[Course]) -> dict[str, list[str]]:
        """Of :meth:`files_of` those that have rows of *courses*, of the datasets with a file for each course."""
        names = {f"{course_name(course)}.parquet" for course in courses}
        whole = tuple(f"{course_name(course)}-batch-" for course in courses if course.batch_id is None)
        return {
            dataset: [
                path
                for path in paths
                if (name := path.rpartition("/")[2]) in names or (whole and name.startswith(whole))
            ]
            for dataset, paths in self.files_of(day).items()
            if dataset in (PROGRESS, CHANGES)
        }
