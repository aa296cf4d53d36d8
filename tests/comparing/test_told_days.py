from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from tests.helpers.samples import DAY
from zoho_people.comparing.told_days import ToldDays
from zoho_people.storage.layout import TOLD_FILE
from zoho_people.storage.store import Store

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def store(root: Any) -> Store:
    return Store(root)


def test_what_is_noted_is_there_for_the_next_run(store: Store) -> None:
    ToldDays(store).note({DAY: True, NEXT: False}, kept=(DAY, NEXT))
    assert dict(ToldDays(store)) == {DAY: True, NEXT: False}


def test_a_day_that_is_told_anew_is_untold_until_it_is_noted_again(store: Store) -> None:
    ToldDays(store).note({DAY: True, NEXT: True}, kept=(DAY, NEXT))
    ToldDays(store).take_out([NEXT])
    assert dict(ToldDays(store)) == {DAY: True}


def test_days_without_a_snapshot_go(store: Store) -> None:
    ToldDays(store).note({DAY: True}, kept=[DAY])
    ToldDays(store).note({NEXT: True}, kept=[NEXT])
    assert dict(ToldDays(store)) == {NEXT: True}


def test_nothing_is_written_where_nothing_is_told(store: Store) -> None:
    told = ToldDays(store)
    told.take_out([DAY])
    told.note({}, kept=[DAY])
    assert store.files() == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"yesterday": true}', b"\xff"])
def test_a_file_that_cannot_be_read_is_named_and_replaced(
    store: Store, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    store.write(TOLD_FILE, content)
    with caplog.at_level(logging.WARNING):
        told = ToldDays(store)
    assert dict(told) == {}
    assert f"{TOLD_FILE} can't be read" in caplog.text
    told.note({DAY: True}, kept=[DAY])
    assert dict(ToldDays(store)) == {DAY: True}
