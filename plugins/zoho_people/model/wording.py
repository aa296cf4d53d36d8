"""Counts and names as a person reads them."""

from __future__ import annotations

_IRREGULAR = {"entry": "entries"}


def counted(count: int, noun: str) -> str:
    """*count* and *noun*, in the plural unless there is exactly one: ``1 page``, ``0 pages``, ``1,200 units``."""
    plural = _IRREGULAR.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else plural}"


def one_line(text: str, *, most: int) -> str:
    """*text* on one line of at most *most* characters, with a blank for each run of what can't be shown."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
