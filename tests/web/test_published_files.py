"""What tells a published file from its successor, and when a list is made anew."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from upath import UPath

from zoho_people.storage.store import Store
from zoho_people.web.published_files import DATASETS, Listing, PublishedFiles

FILE = "learner_progress/entity_type=files/snapshot_date=2026-01-02/course-1.parquet"
LATER = FILE.replace("01-02", "01-03")


class Now:
    """A clock that stands, some seconds after the files of a test."""

    def __init__(self) -> None:
        self.s = 4e9

    def __call__(self) -> float:
        return self.s


def whole(listing: Listing) -> str:
    return PublishedFiles.of(listing.files(*DATASETS)).whole


def test_the_fingerprint_changes_with_every_file_and_with_nothing_else(root: Any) -> None:
    store = Store(root)
    seen = [whole(Listing(store))]
    for path, content in (
        (FILE, b"1"),
        (FILE, b"22"),
        (LATER, b"1"),
        ("coverage/snapshot_date=2026-01-02/r.parquet", b""),
    ):
        store.write(path, content)
        seen.append(whole(Listing(store)))
    store.write("learner_progress/_notes.parquet", b"1")
    store.write("_staging/x.parquet", b"1")
    assert whole(Listing(store)) == seen[-1]
    assert len(set(seen)) == len(seen)


def test_a_day_has_another_fingerprint_only_by_its_own_files(root: Any) -> None:
    store = Store(root)
    store.write(FILE, b"1")
    store.write(LATER, b"1")
    before = PublishedFiles.of(Listing(store).files(*DATASETS)).fingerprints("learner_progress")
    store.write(LATER, b"22")
    after = PublishedFiles.of(Listing(store).files(*DATASETS)).fingerprints("learner_progress")
    assert list(after) == [date(2026, 1, 3), date(2026, 1, 2)]
    assert [before[day] == after[day] for day in after] == [False, True]


def test_a_file_that_is_replaced_is_seen_at_once_by_a_listing_that_knows_the_old_one(tmp_path: Path) -> None:
    store, listing = Store(UPath(tmp_path)), Listing(Store(UPath(tmp_path)), Now())
    store.write(FILE, b"1")
    seen = [whole(listing)]
    for path, content in ((FILE, b"2"), (LATER, b"2")):
        store.write(path, content)
        seen.append(whole(listing))
    store.delete(FILE)
    seen.append(whole(listing))
    store.delete_tree("learner_progress")
    seen.append(whole(listing))
    assert len(set(seen)) == len(seen)


def test_a_folder_that_shows_no_change_is_not_looked_through_again(tmp_path: Path) -> None:
    store, now = Store(UPath(tmp_path)), Now()
    store.write(FILE, b"1")
    listing = Listing(store, now)
    before = whole(listing)
    (tmp_path / FILE).write_bytes(b"written over in place")
    assert whole(listing) == before
    now.s += 60
    assert whole(listing) != before


def test_a_folder_that_was_changed_a_moment_ago_is_looked_through_again(tmp_path: Path) -> None:
    """Two renames within one tick of the file system's clock leave the folder with the same time."""
    store, now = Store(UPath(tmp_path)), Now()
    store.write(FILE, b"1")
    folder = (tmp_path / FILE).parent
    now.s = folder.stat().st_mtime + 1
    listing = Listing(store, now)
    before, times = whole(listing), (folder.stat().st_atime_ns, folder.stat().st_mtime_ns)
    store.write(FILE, b"2")
    os.utime(folder, ns=times)
    assert whole(listing) != before


def test_days_are_the_latest_first(root: Any) -> None:
    store = Store(root)
    for day in ("2026-01-02", "2026-01-04", "2026-01-03", "someday"):
        store.write(FILE.replace("2026-01-02", day), b"1")
    days = PublishedFiles.of(Listing(store).files(*DATASETS)).days("learner_progress", "coverage")
    assert [str(day) for day in days] == ["2026-01-04", "2026-01-03", "2026-01-02"]
