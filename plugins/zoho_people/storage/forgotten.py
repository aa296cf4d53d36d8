"""The learners who are never to be asked for again: ``_state/forgotten.json``.

It has no id in clear: of each a salted hash that takes some milliseconds, with a salt of this output path's own.
Ids are digits and can be tried one after the other, so the hash makes that slow and no more; whoever knows an id
can tell whether it is among them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from zoho_people.storage.layout import FORGOTTEN_FILE
from zoho_people.storage.store import Store

_COST = 2**11  # some 5 ms and 2 MB
_DIGEST_BYTES = 16
_SALT_BYTES = 16


class ForgottenUnreadable(ValueError):
    """Who was forgotten can't be read; nobody may be asked for until it is."""

    def __init__(self) -> None:
        super().__init__(
            f"{FORGOTTEN_FILE} below the output path can't be read: without it learners who were forgotten would "
            "be fetched again; restore it from a copy, or remove it and forget them once more"
        )


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Who was forgotten in one output path; nobody where there is no file."""

    salt: bytes = b""
    cost: int = _COST
    digests: frozenset[str] = frozenset()

    @classmethod
    def read(cls, store: Store) -> Forgotten:
        """Those of the output path.

        :raises ForgottenUnreadable: when the file is damaged.
        """
        try:
            content = store.read(FORGOTTEN_FILE)
        except FileNotFoundError:
            return cls()
        try:
            facts = json.loads(content)
            digests = frozenset(map(str, facts["digests"]))
            return cls(bytes.fromhex(facts["salt"]), int(facts["cost"]), digests)
        except (ValueError, KeyError, TypeError):
            raise ForgottenUnreadable from None

    def write(self, store: Store) -> None:
        """Replace what *store* has."""
        facts = {
            "about": "learners who are never asked for again; see docs/privacy.md",
            "hash": "scrypt, r = 8, p = 1",
            "cost": self.cost,
            "salt": self.salt.hex(),
            "digests": sorted(self.digests),
        }
        store.write(FORGOTTEN_FILE, json.dumps(facts, indent=1).encode())

    def __len__(self) -> int:
        return len(self.digests)

    def __contains__(self, learner_id: str) -> bool:
        return bool(self.digests) and self._digest(learner_id) in self.digests

    def among(self, learner_ids: Collection[str]) -> frozenset[str]:
        """Those of *learner_ids* who were forgotten."""
        if not self.digests:
            return frozenset()
        return frozenset(each for each, digest in self._digests(learner_ids) if digest in self.digests)

    def plus(self, learner_ids: Iterable[str]) -> Forgotten:
        """With *learner_ids* as well."""
        salted = self if self.salt else replace(self, salt=secrets.token_bytes(_SALT_BYTES))
        new = {digest for _, digest in salted._digests(tuple(learner_ids))}
        return replace(salted, digests=self.digests | new)

    def minus(self, learner_ids: Iterable[str]) -> Forgotten:
        """Without *learner_ids*."""
        gone = {digest for _, digest in self._digests(tuple(learner_ids))}
        return replace(self, digests=self.digests - gone)

    def _digests(self, learner_ids: Collection[str]) -> Iterator[tuple[str, str]]:
        """Each id and its hash; the hash lets other threads run."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            yield from zip(learner_ids, threads.map(self._digest, learner_ids), strict=True)

    def _digest(self, learner_id: str) -> str:
        return hashlib.scrypt(
            learner_id.encode(), salt=self.salt, n=self.cost, r=8, p=1, dklen=_DIGEST_BYTES
        ).hex()
