"""Numbers that look random and depend on nothing but their key."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_DIGEST_BYTES = 64
_DRAW_BYTES = 4
_DRAW_LIMIT = 1 << (8 * _DRAW_BYTES)


class Draws:
    """An endless series of draws; the same key gives the same series in every process, for ever."""

    __slots__ = ("_block", "_bytes", "_key", "_next")

    def __init__(self, *key: object) -> None:
        self._key = "\x1f".join(map(str, key)).encode()
        self._block = 0
        self._next = 0
        self._bytes = blake2b(self._key, digest_size=_DIGEST_BYTES).digest()

    def below(self, limit: int) -> int:
        """A whole number from 0 to *limit* - 1."""
        return self._draw() % limit

    def between(self, low: int, high: int) -> int:
        """A whole number from *low* to *high*, both included."""
        return low + self.below(high - low + 1)

    def chance(self, share: float) -> bool:
        """True in *share* of all cases."""
        return self._draw() < share * _DRAW_LIMIT

    def pick(self, choices: Sequence[T]) -> T:
        """One of *choices*."""
        return choices[self.below(len(choices))]

    def _draw(self) -> int:
        if self._next == _DIGEST_BYTES:
            self._block += 1
            self._next = 0
            salt = self._block.to_bytes(16, "big")
            self._bytes = blake2b(self._key, digest_size=_DIGEST_BYTES, salt=salt).digest()
        start = self._next
        self._next = start + _DRAW_BYTES
        return int.from_bytes(self._bytes[start : self._next], "big")
