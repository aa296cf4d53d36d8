"""How a dataset differs from the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    """What is not as it should be; a wrong row has the right key and another value, or is nobody's."""

    missing: int = 0
    wrong: int = 0
    doubled: int = 0

    @property
    def complete(self) -> bool:
        """Whether it differs in nothing."""
        return not (self.missing or self.wrong or self.doubled)

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.missing + other.missing, self.wrong + other.wrong, self.doubled + other.doubled)

    def __str__(self) -> str:
        return f"{self.missing} / {self.wrong} / {self.doubled}"


def differ(right: Mapping[Hashable, object], found: Iterable[tuple[Hashable, object]]) -> Rows:
    """How the rows *found*, each with its key, differ from the *right* ones by key."""
    times: Counter[Hashable] = Counter()
    wrong = set()
    for key, row in found:
        times[key] += 1
        if key not in right or right[key] != row:
            wrong.add(key)
    return Rows(
        missing=len(right.keys() - times.keys()), wrong=len(wrong), doubled=times.total() - len(times)
    )
