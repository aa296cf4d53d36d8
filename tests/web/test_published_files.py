"""What tells a published file from its successor."""

from __future__ import annotations

from typing import Any

from zoho_people.storage.store import Store
from zoho_people.web.published_files import PublishedFiles

FILE = "learner_progress/entity_type=files/snapshot_date=2026-01-02/course-1.parquet"


def test_the_fingerprint_changes_with_every_file_and_with_nothing_else(root: Any) -> None:
    store = Store(root)
    seen = [PublishedFiles.below(store, "learner_progress").fingerprint]
    for path, content in ((FILE, b"1"), (FILE, b"22"), (FILE.replace("01-02", "01-03"), b"1")):
        store.write(path, content)
        seen.append(PublishedFiles.below(store, "learner_progress").fingerprint)
    store.write("learner_progress/_notes.parquet", b"1")
    store.write("_staging/x.parquet", b"1")
    assert PublishedFiles.below(store, "learner_progress").fingerprint == seen[-1]
    assert len(set(seen)) == len(seen)


def test_days_are_the_latest_first(root: Any) -> None:
    store = Store(root)
    for day in ("2026-01-02", "2026-01-04", "2026-01-03", "someday"):
        store.write(FILE.replace("2026-01-02", day), b"1")
    days = [str(day) for day in PublishedFiles.below(store, "learner_progress").days]
    assert days == ["2026-01-04", "2026-01-03", "2026-01-02"]
