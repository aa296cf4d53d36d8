from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from zoho_people.shared.access_token import OWN_MINTS, TokenCipher, TokenSource, TokenState
from zoho_people.shared.text import MemoryText
from zoho_people.zoho.answer import Answer
from zoho_people.zoho.errors import (
    CredentialsRejected,
    TemporaryFailure,
    TokenThrottled,
    ZohoError,
    error_from_facts,
)
from zoho_people.zoho.settings import ConnectionSettings
from zoho_people.zoho.token import AccessToken

SETTINGS = ConnectionSettings(
    client_id="1000.CLIENT",
    client_secret="client-secret",
    refresh_token="1000.refresh",
    api_url="https://people.zoho.com",
    accounts_url="https://accounts.zoho.com",
)
CIPHER = TokenCipher(SETTINGS)


class Accounts:
    """An accounts server and a clock: mints ``token-1``, ``token-2``, …, each an hour long."""

    def __init__(self) -> None:
        self.now = 100_000.0
        self.minted = 0
        self.lifetime_s = 3600
        self.denies = False
        self.instead: list[dict[str, Any]] = []
        self.retry_after_s: float | None = None
        self.on_mint: Callable[[], None] = lambda: None

    def clock(self) -> float:
        return self.now

    def mint(self) -> Answer:
        self.on_mint()
        if self.instead:
            return Answer(200, self.instead.pop(0))
        if self.denies:
            return Answer(200, {"error": "Access Denied"}, self.retry_after_s)
        self.minted += 1
        return Answer(200, {"access_token": f"token-{self.minted}", "expires_in": self.lifetime_s})


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def store() -> MemoryText:
    return MemoryText()


def source(
    accounts: Accounts,
    store: MemoryText,
    *,
    margin: float = 0.1,
    elect: Callable[[], bool] = lambda: True,
) -> TokenSource:
    return TokenSource(
        mint=accounts.mint, store=store, cipher=CIPHER, clock=accounts.clock, margin=margin, elect=elect
    )


def test_the_first_process_mints_and_the_others_use_its_token(accounts: Accounts, store: MemoryText) -> None:
    assert [source(accounts, store).get().value for _ in range(5)] == ["token-1"] * 5
    assert accounts.minted == 1


@pytest.mark.parametrize("lifetime_s", [20, 300, 3600, 86_400])
def test_a_token_is_renewed_when_but_a_share_of_its_life_is_left(
    accounts: Accounts, store: MemoryText, lifetime_s: int
) -> None:
    accounts.lifetime_s = lifetime_s
    source(accounts, store).get()
    accounts.now += 0.899 * lifetime_s
    assert source(accounts, store, margin=0.1).get().value == "token-1"
    accounts.now += 0.002 * lifetime_s
    assert source(accounts, store, margin=0.1).get().value == "token-2"


def test_a_smaller_margin_keeps_the_token_longer(accounts: Accounts, store: MemoryText) -> None:
    source(accounts, store).get()
    accounts.now += 3400.0
    assert source(accounts, store, margin=0.03).get().value == "token-1"
    assert source(accounts, store, margin=0.15).get().value == "token-2"


def test_a_rejected_token_is_replaced(accounts: Accounts, store: MemoryText) -> None:
    source(accounts, store).get()
    assert source(accounts, store).get(rejected="token-1").value == "token-2"
    assert source(accounts, store).get().value == "token-2"


def test_a_token_that_another_renewed_already_is_used_after_a_rejection(
    accounts: Accounts, store: MemoryText
) -> None:
    source(accounts, store).get()
    source(accounts, store).get(rejected="token-1")
    assert source(accounts, store).get(rejected="token-1").value == "token-2"
    assert accounts.minted == 2


def test_no_more_tokens_are_minted_in_ten_minutes_than_the_project_allows_itself(
    accounts: Accounts, store: MemoryText
) -> None:
    for number in range(OWN_MINTS):
        accounts.now += 10.0
        source(accounts, store).get(rejected=f"token-{number}")
    with pytest.raises(TokenThrottled) as error:
        source(accounts, store).get(rejected=f"token-{OWN_MINTS}")
    assert accounts.minted == OWN_MINTS < 10
    assert error.value.retry_after_s == 600.0 - 10.0 * (OWN_MINTS - 1)
    assert error.value.http_status is None
    accounts.now += error.value.retry_after_s
    assert source(accounts, store).get(rejected=f"token-{OWN_MINTS}").value == f"token-{OWN_MINTS + 1}"


def test_the_window_of_mints_slides(accounts: Accounts, store: MemoryText) -> None:
    minted_at = []
    for number in range(40):
        try:
            source(accounts, store).get(rejected=f"token-{accounts.minted}")
            minted_at.append(accounts.now)
        except TokenThrottled:
            pass
        accounts.now += 37.0 + number
    assert all(sum(at <= other < at + 600.0 for other in minted_at) <= OWN_MINTS for at in minted_at)


def test_a_denial_is_known_to_all_and_nobody_asks_until_it_is_over(
    accounts: Accounts, store: MemoryText
) -> None:
    accounts.denies = True
    with pytest.raises(TokenThrottled, match="Zoho mints no more") as denied:
        source(accounts, store).get()
    assert denied.value.retry_after_s == 600.0
    accounts.on_mint = asked_too_early
    for wait_s in (600.0, 400.0, 200.0):
        with pytest.raises(
            TokenThrottled, match="enough access tokens were minted in the last 10 minutes"
        ) as known:
            source(accounts, store).get()
        assert known.value.retry_after_s == wait_s
        assert known.value.http_status is None
        accounts.now += 200.0
    accounts.denies, accounts.on_mint = False, lambda: None
    assert source(accounts, store).get().value == "token-1"


def test_a_denial_lasts_as_long_as_zoho_says(accounts: Accounts, store: MemoryText) -> None:
    accounts.denies, accounts.retry_after_s = True, 900.0
    with pytest.raises(TokenThrottled):
        source(accounts, store).get()
    accounts.now += 899.0
    with pytest.raises(TokenThrottled) as known:
        source(accounts, store).get()
    assert known.value.retry_after_s == 1.0


def asked_too_early() -> None:
    raise AssertionError("the accounts server was asked although it mints none")


def test_a_refused_mint_counts_as_one(accounts: Accounts, store: MemoryText) -> None:
    accounts.denies = True
    with pytest.raises(TokenThrottled):
        source(accounts, store).get()
    assert CIPHER.open(store.load()) == TokenState(None, (100_000.0,), 100_600.0)


def test_a_mint_that_crashed_counts_as_one(accounts: Accounts, store: MemoryText) -> None:
    def crash() -> None:
        raise TemporaryFailure("no answer within 30 s")

    accounts.on_mint = crash
    for _ in range(OWN_MINTS):
        with pytest.raises(TemporaryFailure):
            source(accounts, store).get()
    with pytest.raises(TokenThrottled):
        source(accounts, store).get()


def test_a_mint_that_fails_leaves_the_old_token_to_the_others(accounts: Accounts, store: MemoryText) -> None:
    source(accounts, store, margin=0.0).get()
    accounts.now += 3400.0
    accounts.denies = True
    with pytest.raises(TokenThrottled):
        source(accounts, store, margin=0.15).get(rejected="token-1")
    assert source(accounts, store, margin=0.0).get().value == "token-1"


def test_a_mint_that_fails_while_the_shared_token_is_good_uses_that_one(
    accounts: Accounts, store: MemoryText
) -> None:
    source(accounts, store).get()
    accounts.now += 3400.0
    accounts.denies = True
    assert source(accounts, store, margin=0.15).get().value == "token-1"


def test_a_mint_that_breaks_down_while_the_shared_token_is_good_uses_that_one(
    accounts: Accounts, store: MemoryText
) -> None:
    def crash() -> None:
        raise TemporaryFailure("no answer within 30 s")

    source(accounts, store).get()
    accounts.now += 3400.0
    accounts.on_mint = crash
    assert source(accounts, store, margin=0.15).get().value == "token-1"
    with pytest.raises(TemporaryFailure):
        source(accounts, store, margin=0.15).get(rejected="token-1")


def test_a_token_that_is_over_is_not_used_because_none_can_be_minted(
    accounts: Accounts, store: MemoryText
) -> None:
    source(accounts, store).get()
    accounts.now += 3600.0
    accounts.denies = True
    with pytest.raises(TokenThrottled):
        source(accounts, store, margin=0.15).get()


def test_who_loses_the_election_uses_the_token_to_its_very_end(accounts: Accounts, store: MemoryText) -> None:
    source(accounts, store).get()
    accounts.now += 3599.0
    assert source(accounts, store, elect=lambda: False).get().value == "token-1"


def test_who_loses_the_election_and_has_no_token_waits_for_the_winner(
    accounts: Accounts, store: MemoryText
) -> None:
    with pytest.raises(TokenThrottled) as error:
        source(accounts, store, elect=lambda: False).get()
    assert error.value.retry_after_s
    assert 0 < error.value.retry_after_s <= 60
    assert accounts.minted == 0


def test_who_loses_the_election_never_uses_the_rejected_token(accounts: Accounts, store: MemoryText) -> None:
    source(accounts, store).get()
    with pytest.raises(TokenThrottled):
        source(accounts, store, elect=lambda: False).get(rejected="token-1")


def test_the_winner_looks_again_before_it_mints(accounts: Accounts, store: MemoryText) -> None:
    def rival_mints_meanwhile() -> bool:
        source(accounts, store).get()
        return True

    assert source(accounts, store, elect=rival_mints_meanwhile).get().value == "token-1"
    assert accounts.minted == 1


def test_nobody_is_elected_while_the_token_is_good(accounts: Accounts, store: MemoryText) -> None:
    source(accounts, store).get()

    def elect() -> bool:
        raise AssertionError("there was nothing to elect for")

    source(accounts, store, elect=elect).get()


def test_wrong_credentials_are_told_as_such(accounts: Accounts, store: MemoryText) -> None:
    refused = TokenSource(
        mint=lambda: Answer(200, {"error": "invalid_code"}),
        store=store,
        cipher=CIPHER,
        clock=accounts.clock,
        margin=0.0,
        elect=lambda: True,
    )
    with pytest.raises(CredentialsRejected):
        refused.get()


UNCLEAR = [{}, {"error": "general_error"}, {"error": ["x"]}, {"access_token": "a\nb"}, {"token": "1000.abc"}]


class TestAnUnclearAnswer:
    @pytest.mark.parametrize("body", UNCLEAR)
    def test_is_asked_for_once_more(
        self, accounts: Accounts, store: MemoryText, body: dict[str, Any]
    ) -> None:
        accounts.instead = [body]
        with pytest.raises(TemporaryFailure, match="asked for once more") as error:
            source(accounts, store).get()
        assert error.value.http_status is None
        accounts.now += 62.0
        assert source(accounts, store).get().value == "token-1"

    @pytest.mark.parametrize("body", UNCLEAR)
    def test_is_final_when_it_comes_again_whoever_asks(
        self, accounts: Accounts, store: MemoryText, body: dict[str, Any]
    ) -> None:
        accounts.instead = [body, {"error": "general_error"}]
        with pytest.raises(TemporaryFailure):
            source(accounts, store).get()
        with pytest.raises(CredentialsRejected, match="check the connection's login") as error:
            source(accounts, store).get()
        assert type(error.value) is CredentialsRejected
        assert error_from_facts(error.value.facts()).message == error.value.message

    @pytest.mark.parametrize(
        ("between", "later_s"),
        [
            pytest.param([{"access_token": "between"}], 0.0, id="a token"),
            pytest.param([], 3_601.0, id="an hour"),
            pytest.param([{}], 0.0, id="a final one"),
        ],
    )
    def test_is_the_first_again_after(
        self, accounts: Accounts, store: MemoryText, between: list[dict[str, Any]], later_s: float
    ) -> None:
        accounts.instead = [{}, *between, {}]
        for _ in range(1 + len(between)):
            with suppress(ZohoError):
                source(accounts, store).get(rejected="between")
        accounts.now += later_s
        with pytest.raises(TemporaryFailure, match="asked for once more"):
            source(accounts, store).get(rejected="between")

    def test_is_a_mint_of_the_budget(self, accounts: Accounts, store: MemoryText) -> None:
        for _ in range(OWN_MINTS):
            accounts.instead = [{}]
            with pytest.raises(ZohoError):
                source(accounts, store).get()
        with pytest.raises(TokenThrottled, match="enough access tokens"):
            source(accounts, store).get()

    def test_is_no_failure_while_the_shared_token_lives(self, accounts: Accounts, store: MemoryText) -> None:
        source(accounts, store).get()
        accounts.now += 3_500.0
        accounts.instead = [{}]
        assert source(accounts, store).get().value == "token-1"
        assert source(accounts, store).get().value == "token-2"

    def test_shows_nothing_of_a_token_under_another_name(self, accounts: Accounts, store: MemoryText) -> None:
        accounts.instead = [{"token": "1000.abc"}]
        with pytest.raises(TemporaryFailure) as error:
            source(accounts, store).get()
        assert "1000.abc" not in error.value.message


def test_the_shared_text_has_nothing_in_clear(accounts: Accounts, store: MemoryText) -> None:
    source(accounts, store).get()
    text = store.load()
    assert text
    assert text.isascii()
    for secret in ("token-1", SETTINGS.client_secret, SETTINGS.refresh_token, SETTINGS.client_id):
        assert secret not in text


def test_a_state_is_opened_as_it_was_sealed() -> None:
    for state in (
        TokenState(),
        TokenState(None, (1.5, 2.0)),
        TokenState(AccessToken("1000.abc", 9.25), (3.0,)),
        TokenState(AccessToken("1000.abc", 9.25, 1800.0), (3.0,), 600.5),
        TokenState(None, (), 0.0, 1_000.25),
    ):
        assert CIPHER.open(CIPHER.seal(state)) == state


@pytest.mark.parametrize("field", ["client_id", "client_secret", "refresh_token", "accounts_url"])
def test_what_was_sealed_with_other_credentials_is_ignored(field: str) -> None:
    sealed = CIPHER.seal(TokenState(AccessToken("1000.abc", 9.25), (3.0,)))
    other = TokenCipher(replace(SETTINGS, **{field: "https://changed.example"}))
    assert other.open(sealed) == TokenState()


@pytest.mark.parametrize(
    "state",
    [
        "{}",
        "[]",
        "null",
        "5",
        "not JSON",
        '[["1000.abc", 9.25], [3.0], 0.0, 0.0]',
        '{"token": null}',
        '{"token": null, "minted_at": null}',
        '{"token": null, "minted_at": [], "more": 1}',
        '{"token": {"value": "1000.abc"}, "minted_at": []}',
        '{"token": {"value": "1000.abc", "expires_at": 9.25, "more": 1}, "minted_at": []}',
        '{"token": 5, "minted_at": []}',
    ],
)
def test_what_another_version_sealed_counts_as_nothing(
    accounts: Accounts, store: MemoryText, state: str
) -> None:
    store.save(CIPHER._fernet.encrypt(state.encode()).decode())
    assert CIPHER.open(store.load()) == TokenState()
    assert source(accounts, store).get().value == "token-1"


@pytest.mark.parametrize("text", [None, "", "garbage", "Größe", "gAAAAA", "{}", "=" * 400])
def test_a_text_that_was_never_sealed_is_ignored(text: str | None) -> None:
    assert CIPHER.open(text) == TokenState()


def test_a_garbled_text_is_minted_over(accounts: Accounts, store: MemoryText) -> None:
    store.save("somebody typed here")
    assert source(accounts, store).get().value == "token-1"
