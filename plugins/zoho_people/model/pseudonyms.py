"""Pseudonyms for learners' ids: made with a key, undone with the same key, and meaningless without it.

A pseudonym is one block of AES-256, written as 39 decimal digits. So no two ids share a pseudonym, and no table of
pseudonyms is kept anywhere. All have the same length, longer than any id of Zoho's: none is taken for the other.
The cipher's key, the fingerprints' key and the fingerprint of the key are derived from one text, the secret.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from zoho_people.model.unit import PSEUDONYM_DIGITS, is_pseudonym, parse_id, parse_learner_id

SHORTEST_SECRET = 32
_BLOCK_BYTES = 16


class UnusableSecret(ValueError):
    """The secret is missing or too short; the message does not quote it."""


class ForeignPseudonym(ValueError):
    """No pseudonym of this key's; the message says so and names it."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The pseudonyms of one *secret*, a random text of at least 32 characters.

    :raises UnusableSecret: when it is shorter.
    """

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise UnusableSecret(
                f"has {len(self.secret)} characters; make a random one of at least {SHORTEST_SECRET}, such as "
                "openssl rand -hex 32 makes"
            )

    @property
    def key_fingerprint(self) -> str:
        """What tells the secret from others and nothing of it."""
        return self._derived(b"mark of the key").hex()[:16]

    def of(self, learner_id: str) -> str:
        """The pseudonym for *learner_id*; one that is a pseudonym already stays.

        :raises ForeignPseudonym: when it is one of another key.
        :raises ValueError: when it is no id.
        """
        if is_pseudonym(parse_learner_id(learner_id, field="learner")):
            self.learner_id(learner_id)
            return learner_id
        block = int(f"1{learner_id}").to_bytes(_BLOCK_BYTES, "big")  # the 1 keeps leading zeros
        number = int.from_bytes(self._cipher.encryptor().update(block), "big")
        return f"{number:0{PSEUDONYM_DIGITS}d}"

    def learner_id(self, pseudonym: str) -> str:
        """The learner's id behind *pseudonym*.

        :raises ForeignPseudonym: when it is none of this key's.
        """
        if is_pseudonym(pseudonym) and int(pseudonym) < 2 ** (8 * _BLOCK_BYTES):
            block = int(pseudonym).to_bytes(_BLOCK_BYTES, "big")
            digits = str(int.from_bytes(self._cipher.decryptor().update(block), "big"))
            # Of random blocks one in three million looks like an id.
            if 1 < len(digits) <= 33 and digits[0] == "1":
                return parse_id(digits[1:], field="learner")
        raise ForeignPseudonym(f"learner {pseudonym} is no pseudonym of this key")

    def fingerprint(self, record: Mapping[str, Any]) -> str:
        """What tells *record* from one with other content, 32 hex digits; without the key nobody can guess it.

        That of :func:`~zoho_people.endpoints.rows.fingerprint` can be: who has a list of names could try them.
        """
        canonical = json.dumps(record, sort_keys=True, separators=(",", ":"))
        key = self._derived(b"fingerprints of records")
        return hmac.digest(key, canonical.encode(), "sha256").hex()[:32]

    @property
    def _cipher(self) -> Cipher[ECB]:
        # ECB of a single block is the bare permutation: equal ids must have equal pseudonyms.
        return Cipher(AES256(self._derived(b"learner ids")), ECB())  # noqa: S305

    def _derived(self, purpose: bytes) -> bytes:
        return hmac.digest(self.secret.encode(), b"zoho_people " + purpose, "sha256")
