"""Which units are asked for when the requests that are left don't do for all."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_NEVER = -(2**63)


def choose(asked: pa.Table, left: int) -> list[bool]:
    """Of each row of *asked* (``pages``, ``last_at``, ``tried_at``), whether it fits into *left* requests.

    Never tried first, then by the last try, whether it had an answer or not: who never gets one must not keep
    others from theirs. Among equals the order of the rows decides. What doesn't fit makes
    room for what does; the first of all is taken whatever it costs, unless *left* is 0.
    """
    moments = (asked[name].cast(pa.int64()).combine_chunks() for name in ("last_at", "tried_at"))
    latest: Any = pc.max_element_wise(*moments)
    order: list[Any] = pc.array_sort_indices(latest.fill_null(_NEVER)).to_pylist()
    pages: list[Any] = asked["pages"].to_pylist()
    stays = [False] * len(pages)
    room = left
    for place, row in enumerate(order):
        if room <= 0:
            break
        if pages[row] <= room or place == 0:
            stays[row] = True
            room -= pages[row]
    return stays
