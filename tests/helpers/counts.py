"""The day's count without Airflow."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class MemoryCounts:
    """A :class:`~zoho_people.shared.ledger.SharedCounts` in memory."""

    counts: dict[str, int] = field(default_factory=dict)

    def all(self) -> list[str]:
        return list(self.counts)

    def read(self, name: str) -> int:
        return self.counts.get(name, 0)

    def write(self, name: str, count: int) -> None:
        self.counts[name] = count

    def remove(self, name: str) -> None:
        self.counts.pop(name, None)
