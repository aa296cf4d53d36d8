"""The one access token of a connection, minted rarely and shared by every process."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from cryptography.fernet import Fernet, InvalidToken

from zoho_people.shared.text import SharedText
from zoho_people.zoho.answer import Answer
from zoho_people.zoho.errors import CredentialsRejected, TemporaryFailure, TokenThrottled, ZohoError
from zoho_people.zoho.settings import ConnectionSettings
from zoho_people.zoho.token import MINTS_WINDOW_S, AccessToken, UnclearRefusal, read_token

OWN_MINTS = 8
"""Of the 10 tokens in 10 minutes this project mints 8: a person with the same refresh token keeps two."""

_RIVAL_WAIT_S = 20.0

_UNCLEAR_S = 3_600.0
"""Within so long a second unclear answer of the accounts server is one in a row."""


@dataclass(frozen=True, slots=True)
class TokenState:
    """What the processes share: the token, when the last ones were minted, and until when Zoho mints none.

    ``unclear_at`` is when the accounts server last gave neither a token nor a reason that is known. All instants
    are seconds since the epoch.
    """

    token: AccessToken | None = None
    minted_at: tuple[float, ...] = ()
    denied_until: float = 0.0
    unclear_at: float = 0.0

    def minting_allowed_at(self, now: float) -> float:
        """The first instant, *now* or later, at which one more token may be minted."""
        recent = sorted(at for at in self.minted_at if now - MINTS_WINDOW_S < at <= now)
        free_at = now if len(recent) < OWN_MINTS else recent[-OWN_MINTS] + MINTS_WINDOW_S
        return max(free_at, self.denied_until)


class TokenCipher:
    """Encrypts the shared state under the connection's own secrets.

    So it is unreadable at rest whatever keeps it, and useless once the credentials changed.
    """

    def __init__(self, settings: ConnectionSettings) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(_secret(settings).encode()).digest()))

    def seal(self, state: TokenState) -> str:
        """*state* as text for the store."""
        return self._fernet.encrypt(json.dumps(asdict(state)).encode()).decode()

    def opens(self, text: str | None) -> bool:
        """Whether *text* is a state that was sealed with these credentials."""
        return self.open(text) != TokenState()

    def open(self, text: str | None) -> TokenState:
        """The state in *text*; an empty one when there is none or it was sealed with other credentials."""
        if not text:
            return TokenState()
        try:
            kept = json.loads(self._fernet.decrypt(text.encode()))
            token = kept["token"] and AccessToken(**kept["token"])
            return TokenState(**{**kept, "token": token, "minted_at": tuple(kept["minted_at"])})
        except (InvalidToken, ValueError, TypeError, KeyError):
            return TokenState()


def fingerprint_of(settings: ConnectionSettings) -> str:
    """Tells the credentials from others, and nothing of them."""
    return hashlib.sha256(f"mark {settings.api_url} {_secret(settings)}".encode()).hexdigest()[:16]


def _secret(settings: ConnectionSettings) -> str:
    return json.dumps(
        [settings.client_id, settings.client_secret, settings.refresh_token, settings.accounts_url]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSource:
    """The access token of a connection, minted only when the shared one is missing, nearly over or rejected.

    *margin* is the share of its life before whose end a token counts as over; a random one spreads the renewals
    of many processes, so that the first renews for all. *elect* says whether this process may mint now, of several
    that want to; the others wait for its token.
    """

    mint: Callable[[], Answer]
    store: SharedText
    cipher: TokenCipher
    clock: Callable[[], float]
    margin: float
    elect: Callable[[], bool]

    def get(self, *, rejected: str | None = None) -> AccessToken:
        """A token that is good for a request and is not the *rejected* one.

        :raises TokenThrottled: none may be minted now.
        :raises CredentialsRejected, TemporaryFailure: see :func:`~zoho_people.zoho.token.read_token`.
        """
        shared = self._shared(self.margin, rejected)
        if shared:
            return shared
        try:
            return self._renew(rejected)
        except (TokenThrottled, TemporaryFailure):
            # Too early a renewal is no failure while the shared token still lives.
            shared = self._shared(0.0, rejected)
            if shared is None:
                raise
            return shared

    def _renew(self, rejected: str | None) -> AccessToken:
        if not self.elect():
            raise TokenThrottled("another task is minting the access token", retry_after_s=_RIVAL_WAIT_S)
        # Looked at again: a rival may have minted while this process waited for its election.
        return self._shared(self.margin, rejected) or self._mint_one()

    def _shared(self, margin: float, rejected: str | None) -> AccessToken | None:
        token = self.cipher.open(self.store.load()).token
        if token is None or token.value == rejected:
            return None
        return token if self.clock() < token.expires_at - margin * token.lifetime_s else None

    def _mint_one(self) -> AccessToken:
        now = self.clock()
        state = self.cipher.open(self.store.load())
        wait_s = state.minting_allowed_at(now) - now
        if wait_s > 0:
            raise TokenThrottled(
                "enough access tokens were minted in the last 10 minutes", retry_after_s=wait_s
            )
        # Written down before it is asked for, so that a crash or a refusal in between counts too.
        state = replace(state, minted_at=(*(at for at in state.minted_at if now - at < MINTS_WINDOW_S), now))
        self._save(state)
        try:
            token = read_token(self.mint(), asked_at=now)
        except TokenThrottled as error:
            self._save(replace(state, denied_until=self.clock() + (error.retry_after_s or 0.0)))
            raise
        except UnclearRefusal as error:
            raise self._second_time(state, error) from None
        self._save(replace(state, token=token, unclear_at=0.0))
        return token

    def _second_time(self, state: TokenState, error: UnclearRefusal) -> ZohoError:
        """*error*, where the last answer was as unclear; else that it may pass, and is asked for once more."""
        now = self.clock()
        if 0.0 <= now - state.unclear_at < _UNCLEAR_S:
            self._save(replace(state, unclear_at=0.0))
            return CredentialsRejected(error.message)
        self._save(replace(state, unclear_at=now))
        return TemporaryFailure(f"{error.message}, where that comes again: it is asked for once more")

    def _save(self, state: TokenState) -> None:
        self.store.save(self.cipher.seal(state))
