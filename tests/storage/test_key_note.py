from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zoho_people.storage.key_note import NOTE, OtherKey, check_key, note_key
from zoho_people.storage.store import Store

DATA = [
    "learner_progress/entity_type=files/snapshot_date=2026-01-02/course-1.parquet",
    "coverage/snapshot_date=2026-01-02/run-1.parquet",
    "learners/snapshot_date=2026-01-02/course-1.parquet",
]
either = pytest.mark.parametrize("check", [check_key, note_key])
Check = Callable[[Store, str], None]


@pytest.fixture
def store(root: Any) -> Store:
    return Store(root)


@either
@pytest.mark.parametrize("path", DATA)
@pytest.mark.parametrize("before", ["", "aaaa"])
@pytest.mark.parametrize("now", ["", "aaaa", "bbbb"])
def test_data_under_one_key_takes_no_other(
    store: Store, check: Check, path: str, before: str, now: str
) -> None:
    note_key(store, before)
    store.write(path, b"rows")
    if before == now:
        check(store, now)
        return
    with pytest.raises(OtherKey) as error:
        check(store, now)
    for key in (before, now):
        assert (f"with pseudonyms of the key {key}" if key else "without pseudonyms") in str(error.value)
    assert "choose another path" in str(error.value)
    check_key(store, before)


def test_where_there_is_no_data_any_key_will_do(store: Store) -> None:
    for key_fingerprint in ("aaaa", "bbbb", "", "cccc"):
        store.write("_staging/run-1/plan.parquet", b"")
        store.write("courses/snapshot_date=2026-01-02/courses.parquet", b"")
        check_key(store, key_fingerprint)
        note_key(store, key_fingerprint)
        assert store.exists(NOTE) == bool(key_fingerprint)
    store.write(DATA[0], b"rows")
    with pytest.raises(OtherKey):
        check_key(store, "bbbb")
    check_key(store, "cccc")


def test_checking_notes_nothing(store: Store) -> None:
    check_key(store, "aaaa")
    store.write(DATA[0], b"rows")
    check_key(store, "")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"key_mark": ""}', b'{"key_mark": 1}', b"\xff"]
)
def test_a_note_that_tells_no_key_goes_with_none(store: Store, content: bytes) -> None:
    store.write(NOTE, content)
    store.write(DATA[0], b"rows")
    for key_fingerprint in ("", "aaaa"):
        with pytest.raises(OtherKey, match="does not tell"):
            check_key(store, key_fingerprint)
