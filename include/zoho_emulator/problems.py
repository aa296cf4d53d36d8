"""Reading a fault script strictly: what is missing, unknown or impossible is refused by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any


class ScriptError(ValueError):
    """A fault script that can't be used; the message says where and why."""


def only_keys(data: Mapping[str, Any], allowed: Collection[str], *, where: str) -> None:
    """Refuse keys of *data* that aren't *allowed*."""
    for key in data:
        if key not in allowed:
            raise ScriptError(f"{where}: unknown key {key!r}; allowed: {', '.join(allowed) or 'none'}")


def number(
    data: Mapping[str, Any], key: str, *, where: str, default: float, least: float = 0, most: float = 1e9
) -> float:
    """The number under *key*, between *least* and *most*."""
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ScriptError(f"{where}: {key} must be a number from {least:g} to {most:g}, not {value!r}")
    return value


def text(data: Mapping[str, Any], key: str, *, where: str, default: str = "") -> str:
    """The string under *key*."""
    value = data.get(key, default)
    if not isinstance(value, str):
        raise ScriptError(f"{where}: {key} must be a string, not {value!r}")
    return value


def choice(data: Mapping[str, Any], key: str, choices: Sequence[str], *, where: str) -> str:
    """The string under *key*, one of *choices*; the first of them when there is none."""
    value = text(data, key, where=where, default=choices[0])
    if value not in choices:
        raise ScriptError(f"{where}: {key} must be one of {', '.join(choices)}; not {value!r}")
    return value
