"""Counts as a person reads them."""

from __future__ import annotations

_IRREGULAR = {"entry": "entries"}


def counted(count: int, noun: str) -> str:
    """*count* and *noun*, in the plural unless there is exactly one: ``1 page``, ``0 pages``, ``1,200 units``."""
    plural = _IRREGULAR.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else plural}"
