"""Durations as people write them, in seconds."""

from __future__ import annotations

import re

_LONGEST_TEXT = 64
_UNITS = {
    1: ("s", "sec", "secs", "second", "seconds"),
    60: ("m", "min", "mins", "minute", "minutes"),
    3_600: ("h", "hr", "hrs", "hour", "hours"),
    86_400: ("d", "day", "days"),
    604_800: ("w", "week", "weeks"),
}
_SECONDS_OF = {name: seconds for seconds, names in _UNITS.items() for name in names}
_PART = re.compile(
    r"\s*(?:,|and\b)?\s*(?P<whole>[0-9]{1,9})(?:\.(?P<fraction>[0-9]{1,6}))?\s*(?P<unit>[a-z]{1,7})\.?",
    re.ASCII,
)
_BARE = re.compile(r"[0-9]{1,9}", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,6}):([0-5]?[0-9])(?::([0-5]?[0-9]))?", re.ASCII)


def duration_seconds(text: object, *, bare_s: int | None = None) -> int | None:
    """The whole seconds in "10 minutes", "1 hour 30 minutes", "1.5 hrs", "2 days" or "01:30:00".

    Two numbers on a clock are hours and minutes ("01:30"). A whole number without a unit counts so many times
    *bare_s* seconds, where that is given. None for anything else: no text, no unit, a unit twice, or more than 64
    characters, so that no text can cost time. Never raises.
    """
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        return None
    text = text.strip().lower()
    if bare_s is not None and _BARE.fullmatch(text):
        return int(text) * bare_s
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3_600 + minutes * 60 + seconds
    return _sum_of_parts(text)


def _sum_of_parts(text: str) -> int | None:
    total, position, units = 0.0, 0, set()
    while position < len(text):
        part = _PART.match(text, position)
        unit = _SECONDS_OF.get(part["unit"]) if part else None
        if part is None or unit is None or unit in units:
            return None
        units.add(unit)
        total += float(f"{part['whole']}.{part['fraction'] or 0}") * unit
        position = part.end()
    return round(total) if units else None
