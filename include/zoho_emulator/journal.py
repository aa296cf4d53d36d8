"""Every request that arrived, in the order of arrival, with what was decided about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

API, TOKEN = "api", "token"

_SECRETS = frozenset({"access_token", "authtoken", "client_id", "client_secret", "code", "refresh_token"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One request; ``at`` is its arrival in unix seconds, ``status`` is None when it got no answer."""

    seq: int
    at: float
    kind: str
    method: str
    path: str
    params: dict[str, str]
    status: int | None
    decision: str

    def as_json(self) -> dict[str, Any]:
        """The entry as the journal route sends it."""
        return asdict(self)


@dataclass(slots=True)
class Journal:
    """The requests since the start or the last reset; sequence numbers count from 1."""

    entries: list[Entry] = field(default_factory=list)

    def write(
        self,
        *,
        at: float,
        kind: str,
        method: str,
        path: str,
        params: Mapping[str, str],
        status: int | None,
        decision: str,
    ) -> None:
        """Add a request; values of parameters that may be secrets are left out."""
        clean = {name: "[redacted]" if name.lower() in _SECRETS else value for name, value in params.items()}
        seq = len(self.entries) + 1
        self.entries.append(Entry(seq, at, kind, method, path, clean, status, decision))

    def since(self, seq: int) -> list[Entry]:
        """The entries after number *seq*."""
        return self.entries[max(seq, 0) :]

    def arrivals(self, kind: str = API) -> list[float]:
        """When the requests of that kind arrived, ascending."""
        return [entry.at for entry in self._of(kind)]

    def count_by_status(self, kind: str) -> dict[str, int]:
        """How many requests of that kind got which status; ``none`` for those that got no answer."""
        return dict(Counter(str(entry.status or "none") for entry in self._of(kind)))

    def count_by_decision(self, kind: str) -> dict[str, int]:
        """How many requests of that kind were decided in which way."""
        return dict(Counter(entry.decision for entry in self._of(kind)))

    def _of(self, kind: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind == kind)
