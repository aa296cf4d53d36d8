from __future__ import annotations

import pytest

from zoho_emulator.settings import Settings
from zoho_emulator.tokens import Tokens, TooManyTokensError

NOON = 1_800_014_400.0


def tokens(**settings: object) -> Tokens:
    return Tokens(Settings().changed(settings))


def test_a_token_lives_for_an_hour() -> None:
    store = tokens()
    token = store.mint(NOON)
    assert store.find(token.text, NOON + 3599.9) == token
    assert store.find(token.text, NOON + 3600) is None
    assert store.alive(NOON + 3600) == 0


def test_the_eleventh_token_of_ten_minutes_is_refused_and_a_refusal_does_not_count() -> None:
    store = tokens()
    for _ in range(10):
        store.mint(NOON)
    for _ in range(5):
        with pytest.raises(TooManyTokensError):
            store.mint(NOON + 599.9)
    store.mint(NOON + 600)
    assert store.minted == 11


def test_the_sixteenth_token_kills_the_oldest() -> None:
    store = tokens(token_limit=100)
    minted = [store.mint(NOON + second) for second in range(16)]
    assert store.find(minted[0].text, NOON + 16) is None
    assert all(store.find(token.text, NOON + 16) for token in minted[1:])
    assert store.alive(NOON + 16) == 15


def test_a_revoked_token_is_useless() -> None:
    store = tokens()
    first, second = store.mint(NOON), store.mint(NOON)
    assert store.revoke(first.text) == 1
    assert store.find(first.text, NOON) is None
    assert store.find(second.text, NOON) == second
    assert store.revoke() == 1
    assert store.find(second.text, NOON) is None


def test_no_token_is_ever_given_twice() -> None:
    assert tokens().mint(NOON).text != tokens().mint(NOON).text
