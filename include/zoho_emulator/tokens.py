"""Access tokens: how many may be minted, how many live, which are good."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field

from zoho_emulator.settings import Settings


class TooManyTokensError(Exception):
    """The refresh token has had all the access tokens of its window."""


@dataclass(frozen=True, slots=True)
class Token:
    """One access token."""

    text: str
    scope: str
    ends_at: float


@dataclass(slots=True)
class Tokens:
    """All access tokens of the one refresh token that the emulator knows."""

    settings: Settings
    minted: int = 0
    _minted_at: deque[float] = field(default_factory=deque)
    _alive: dict[str, Token] = field(default_factory=dict)

    def mint(self, now: float) -> Token:
        """A new access token; when too many live, the oldest dies.

        :raises TooManyTokensError: when the window already holds as many as it may. A refusal isn't counted.
        """
        while self._minted_at and now - self._minted_at[0] >= self.settings.token_window_seconds:
            self._minted_at.popleft()
        if len(self._minted_at) >= self.settings.token_limit:
            raise TooManyTokensError
        self._minted_at.append(now)
        self.minted += 1
        text = f"1000.emulated.{secrets.token_hex(16)}"
        token = Token(text, self.settings.scope, now + self.settings.token_lifetime_seconds)
        self._bury(now)
        self._alive[text] = token
        while len(self._alive) > self.settings.tokens_alive:
            del self._alive[next(iter(self._alive))]
        return token

    def find(self, text: str, now: float) -> Token | None:
        """The token, while it is good."""
        token = self._alive.get(text)
        return token if token is not None and now < token.ends_at else None

    def alive(self, now: float) -> int:
        """How many tokens are good."""
        self._bury(now)
        return len(self._alive)

    def revoke(self, text: str | None = None) -> int:
        """Make one token (or every token) useless; how many that were."""
        doomed = list(self._alive) if text is None else [text] if text in self._alive else []
        for each in doomed:
            del self._alive[each]
        return len(doomed)

    def _bury(self, now: float) -> None:
        self._alive = {text: token for text, token in self._alive.items() if now < token.ends_at}
