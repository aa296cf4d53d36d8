"""Counts and names as a person reads them."""

from __future__ import annotations

import re

_BEHIND_PROTOCOL = re.compile(r"://.*?(['\"\])}]*)$", re.DOTALL)


def counted(count: int, noun: str) -> str:
    """*count* and *noun*, in the plural unless there is exactly one: ``1 page``, ``0 pages``, ``1,200 units``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def one_line(text: str, *, most: int) -> str:
    """*text* on one line of at most *most* characters, with a blank for each run of what can't be shown."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def quoted(value: object) -> str:
    """*value* as a message quotes what stands in a DAG's file: 80 characters of its ``repr`` at most.

    Of a URL it has the protocol alone, and nothing that follows: that may be a secret.
    """
    text = _BEHIND_PROTOCOL.sub(r"://…\1", repr(value))
    return text if len(text) <= 80 else f"{text[:80]}…"
