"""Which units are asked for when the requests that are left don't do for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_NEVER = -(2**63)
_ORDER = ("latest", "course", "turn")
_AT_A_TIME = 16_384
FITTING = ["pages", "last_at", "tried_at", "course", "turn"]
"""The columns to choose by: three of the plan, the course's place in the plan and the learner's in the course."""


def choose(to_fetch: pa.Table, left: int) -> tuple[bytearray, int]:
    """For each row of *to_fetch* (:data:`FITTING`) 1 where it fits into *left* requests, else 0; and their cost.

    Never tried first, then by the last try, whether it had an answer or not: who never gets one must not keep
    others from theirs. Among equals it is course by course, and learner by learner in all entity types: so few
    requests tell which types a course has at all. What doesn't fit makes room for what does; the first of all is
    taken whatever it costs, unless *left* is 0.
    """
    stays = bytearray(to_fetch.num_rows)
    room = left
    for place, (row, pages) in enumerate(_in_order(to_fetch)):
        if room <= 0:
            break
        if pages <= room or place == 0:
            stays[row] = 1
            room -= pages
    return stays, left - room


def _in_order(to_fetch: pa.Table) -> Iterator[tuple[int, int]]:
    """Each row's number and its pages, who is to be asked for first in front."""
    moments = (to_fetch[name].cast(pa.int64()).combine_chunks() for name in ("last_at", "tried_at"))
    latest: Any = pc.max_element_wise(*moments)
    keys = to_fetch.select(["course", "turn"]).append_column("latest", latest.fill_null(_NEVER))
    order: Any = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in _ORDER])
    pages: Any = to_fetch["pages"].combine_chunks()
    for first in range(0, len(order), _AT_A_TIME):
        rows = order.slice(first, _AT_A_TIME)
        yield from zip(rows.to_pylist(), pages.take(rows).to_pylist(), strict=True)
