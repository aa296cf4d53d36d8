"""How Arrow keeps memory."""

from __future__ import annotations

import pyarrow as pa


def give_back_memory() -> None:
    """Have Arrow, in this process, give back what it no longer needs.

    Its own allocator keeps it for later, which pays in a process that lives on. One that passes over a large
    dataset once, and piece by piece, would come to hold several times what it ever used at a time.
    """
    pa.set_memory_pool(pa.system_memory_pool())
