from __future__ import annotations

import pytest
from zoho_people.api.lock import SharedLock

from zoho_people.api.errors import Locked
from zoho_people.api.shared_text import MemoryText


def lock_with(text: str | None) -> SharedLock:
    store = MemoryText()
    if text is not None:
        store.save(text)
    return SharedLock(store)


def test_nobody_is_locked_at_first() -> None:
    lock = lock_with(None)
    assert lock.until() == 0.0
    lock.refuse_while_locked(0.0)


def test_a_lock_is_known_to_everybody_who_reads_the_same_text() -> None:
    store = MemoryText()
    SharedLock(store).extend(1_764_000_300.25)
    assert SharedLock(store).until() == 1_764_000_300.25


def test_the_longer_lock_wins() -> None:
    lock = lock_with(None)
    assert lock.extend(900.0) == 900.0
    assert lock.extend(300.0) == 900.0
    assert lock.until() == 900.0
    assert lock.extend(901.0) == 901.0
    assert lock.until() == 901.0


def test_nothing_is_sent_before_the_end_and_again_from_then_on() -> None:
    lock = lock_with("500")
    with pytest.raises(Locked) as error:
        lock.refuse_while_locked(490.0)
    assert error.value.retry_after_s == 10.0
    assert error.value.http_status is None
    lock.refuse_while_locked(500.0)


@pytest.mark.parametrize("text", ["", "tomorrow", "nan", "inf", "-inf", "1e999", "12:00", "{}"])
def test_a_text_that_is_no_instant_locks_nobody(text: str) -> None:
    lock = lock_with(text)
    assert lock.until() == 0.0
    assert lock.extend(7.0) == 7.0
    assert lock.until() == 7.0


@pytest.mark.parametrize("text", ["1764000000000", "1e300", "-1764000000000"])
def test_an_instant_beyond_any_calendar_locks_nobody(text: str) -> None:
    assert lock_with(text).until() == 0.0
