"""Ids that a spreadsheet has rounded: of a number it keeps 15 digits, and ``100002000000041342`` ends in ``000``.

What comes out looks like an id, and several learners become one that Zoho does not know. A true id may end in such
zeros, too: one of a thousand, where it has 18 digits. So it is the number of them that tells.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KEPT = 15
"""Digits that a spreadsheet keeps."""

PATTERN = f"^[0-9]{{{KEPT}}}0+$"
ROUNDED = (
    "a spreadsheet has rounded them; format the id columns as text before the ids come in (import the file, don't "
    "open it), and write it again"
)

_ROUNDED = re.compile(PATTERN, re.ASCII)
_SCIENTIFIC = re.compile(r"[0-9]+([.,][0-9]+)?E\+?[0-9]+", re.ASCII | re.IGNORECASE)
_CHANCE = 1e-5
"""What is less likely than this is taken for no chance."""


def is_rounded(digits: str) -> bool:
    """Whether an id has nothing but zeros behind its 15th digit."""
    return len(digits) > KEPT and _ROUNDED.match(digits) is not None


def is_scientific(text: str) -> bool:
    """Whether a number is written as ``1.00002E+17``."""
    return _SCIENTIFIC.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """*rounded* of some different ids look rounded; *lengths* says how many of them have so many digits."""

    rounded: int
    lengths: Mapping[int, int]

    @classmethod
    def of(cls, ids: Iterable[str]) -> Suspicion:
        """What there is against *ids*."""
        different = set(ids)
        return cls(sum(map(is_rounded, different)), Counter(map(len, different)))

    @property
    def expected(self) -> float:
        """How many would look so by chance: of ids with k digits behind the 15th, one in 10 to the power of k."""
        return sum(count * 10.0 ** (KEPT - length) for length, count in self.lengths.items() if length > KEPT)

    @property
    def is_no_chance(self) -> bool:
        """Whether there are too many (by Chernoff's bound for the tail of a Poisson distribution)."""
        if self.rounded <= self.expected:
            return False
        return self.rounded * (1 + math.log(self.expected / self.rounded)) - self.expected < math.log(_CHANCE)

    def __str__(self) -> str:
        return (
            f"{self.rounded} of {sum(self.lengths.values())} ids have nothing but zeros behind the {KEPT}th "
            f"digit, where chance makes {self.expected:.3g}"
        )
