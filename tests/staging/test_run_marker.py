from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.helpers.samples import NOON, records, stage, unit
from zoho_people.staging.progress_pages import Staging
from zoho_people.staging.run_marker import MARKER, Stale, is_begun, mark_begun, remove_stale

LONG_AGO, SOON = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def begin(staging: Staging) -> Staging:
    mark_begun(staging.store, staging.key, dag_run_id="manual__1", at=NOON)
    stage(staging, unit(), *records(1))
    return staging


def test_a_run_has_begun_until_its_staging_is_removed(staging: Staging, root: Any) -> None:
    assert not is_begun(staging.store, staging.key)
    begin(staging)
    assert is_begun(Staging(root, "run-1").store, "run-1")
    assert not is_begun(staging.store, "run-2")
    staging.remove_fetched()
    assert is_begun(staging.store, staging.key)
    staging.remove()
    assert not is_begun(staging.store, staging.key)


def test_what_is_stale_is_removed_with_the_names_of_its_runs(staging: Staging, root: Any) -> None:
    begin(staging)
    begin(Staging(root, "run-2"))
    assert remove_stale(staging.store, before=SOON) == Stale(removed=("run-1", "run-2"), left=())
    assert not staging.progress(unit()).done
    assert remove_stale(staging.store, before=SOON) == Stale(removed=(), left=())


def test_what_was_written_later_is_not_stale(staging: Staging) -> None:
    begin(staging)
    assert remove_stale(staging.store, before=LONG_AGO) == Stale(removed=(), left=())
    assert staging.progress(unit()).done


def test_nothing_is_stale_where_nothing_was_ever_staged(staging: Staging) -> None:
    assert remove_stale(staging.store, before=SOON) == Stale(removed=(), left=())


@pytest.mark.parametrize("path", ["report.docx", f"deeper/{MARKER}", "entity_type=files/course-1/7.arrow"])
def test_a_folder_without_the_mark_is_somebody_elses_and_stays(staging: Staging, path: str) -> None:
    staging.store.write(f"_staging/mine/{path}", b"x")
    assert remove_stale(staging.store, before=SOON) == Stale(removed=(), left=("mine",))
    assert staging.store.read(f"_staging/mine/{path}") == b"x"


def test_scratch_files_are_nobodys_run_and_go_when_they_are_stale(staging: Staging) -> None:
    half_written, foreign = f"_staging/_tmp/_{'0a' * 16}", "_staging/_tmp/left"
    for path in (half_written, foreign):
        staging.store.write(path, b"x")
    assert remove_stale(staging.store, before=LONG_AGO) == Stale(removed=(), left=())
    assert staging.store.exists(half_written)
    assert remove_stale(staging.store, before=SOON) == Stale(removed=(), left=())
    assert (staging.store.exists(half_written), staging.store.exists(foreign)) == (False, True)


def test_the_dataset_stays(staging: Staging) -> None:
    begin(staging)
    staging.store.write("learner_progress/entity_type=files/x.parquet", b"x")
    remove_stale(staging.store, before=SOON)
    assert staging.store.read("learner_progress/entity_type=files/x.parquet") == b"x"
