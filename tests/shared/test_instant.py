from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from zoho_people.shared.instant import SharedInstant
from zoho_people.shared.text import MemoryText


def instant_in(store: MemoryText, wait_for_others: Callable[[], None] = lambda: None) -> SharedInstant:
    return SharedInstant(store, "until", wait_for_others=wait_for_others)


@pytest.fixture
def store() -> MemoryText:
    return MemoryText()


def test_there_is_none_at_first(store: MemoryText) -> None:
    assert instant_in(store).get() == 0.0


def test_it_only_moves_later(store: MemoryText) -> None:
    assert instant_in(store).move_to(900.0) == 900.0
    assert instant_in(store).move_to(300.0) == 900.0
    assert instant_in(store).get() == 900.0
    assert instant_in(store).move_to(901.0) == instant_in(store).get() == 901.0


def test_an_earlier_one_is_not_written(store: MemoryText) -> None:
    instant_in(store).move_to(900.0)
    before = store.load()
    instant_in(store, wait_for_others=pytest.fail).move_to(900.0)
    assert store.load() is before


def test_it_is_kept_to_the_millisecond(store: MemoryText) -> None:
    assert instant_in(store).move_to(900.1234567) == 900.123
    assert json.loads(store.load() or "") == {"until": 900.123}


class TestARace:
    """Between processes that read before one of them wrote."""

    def test_is_won_by_the_later_whoever_writes_last(self, store: MemoryText) -> None:
        writes = ['{"until": 300.0}']

        def an_earlier_one_is_written() -> None:
            if writes:
                store.save(writes.pop())

        assert instant_in(store, an_earlier_one_is_written).move_to(900.0) == 900.0
        assert instant_in(store).get() == 900.0

    def test_is_given_up_for_a_later_one(self, store: MemoryText) -> None:
        assert instant_in(store, lambda: store.save('{"until": 5000.0}')).move_to(900.0) == 5000.0
        assert instant_in(store).get() == 5000.0

    def test_without_end_ends_all_the_same(self, store: MemoryText) -> None:
        settled: list[None] = []

        def always_written_over() -> None:
            settled.append(None)
            store.save('{"until": 300.0}')

        assert instant_in(store, always_written_over).move_to(900.0) == 900.0
        assert 1 < len(settled) < 10


def test_a_text_is_begun_where_there_is_none_and_left_where_there_is(store: MemoryText) -> None:
    instant_in(store).begin()
    assert store.load() is not None
    assert instant_in(store).get() == 0.0
    instant_in(store).move_to(900.0)
    instant_in(store).begin()
    assert instant_in(store).get() == 900.0


@pytest.mark.parametrize(
    "value",
    [
        "1764000000000",
        "1e300",
        "1e999",
        "-1764000000",
        "NaN",
        "Infinity",
        "-Infinity",
        '"5"',
        "null",
        "true",
        "[]",
    ],
)
def test_an_instant_that_is_on_no_calendar_is_none(store: MemoryText, value: str) -> None:
    store.save(f'{{"until": {value}}}')
    assert instant_in(store).get() == 0.0


@pytest.mark.parametrize("text", ["", "tomorrow", "5", "null", "[]", "{}", '{"another": 5}'])
def test_a_text_that_is_nobodys_has_none_and_is_written_over(store: MemoryText, text: str) -> None:
    store.save(text)
    assert instant_in(store).get() == 0.0
    assert instant_in(store).move_to(7.0) == 7.0
    assert instant_in(store).get() == 7.0
