"""One page of a learner's progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """One answer of the progress endpoint.

    ``records`` are Zoho's own, one per entity, untouched: integers of any size as ``int``, finite decimals
    as ``float``, other JSON as it is. ``next_start_index`` is where the next page begins, None on the last.
    """

    start_index: int
    records: tuple[Mapping[str, Any], ...]
    next_start_index: int | None

    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.next_start_index is not None
