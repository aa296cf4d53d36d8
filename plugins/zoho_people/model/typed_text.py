"""What a person typed against what Zoho sends: compared literally, without regard to case.

Both sides are brought to Unicode's form NFC, in which a letter with its accent is one character. Why not NFKC:
``docs/decisions/018``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import combining, normalize

_WILD = re.compile(r"([*?])")


def folded(text: str) -> str:
    """*text* as it is compared: two texts are the same where these are."""
    return "".join(_characters(text))


def _characters(text: str) -> Iterator[str]:
    """Each character with its accents, folded; one may fold into several (``ß`` into ``ss``)."""
    character = ""
    for char in normalize("NFC", text):
        if character and not combining(char):
            yield _fold(character)
            character = ""
        character += char
    if character:
        yield _fold(character)


def _fold(character: str) -> str:
    return normalize("NFC", normalize("NFD", character).casefold())


def matches(name: str, pattern: str) -> bool:
    """Whether the whole of *name* is as *pattern* says. Takes time in proportion to the lengths of both.

    There ``*`` stands for any text and ``?`` for one character; nothing else is special.
    """
    characters = list(_characters(name))
    whole = "".join(characters)
    ends = _ends(characters)
    places = {0}
    for part in filter(None, _WILD.split(pattern)):
        if part == "*":
            places = set(range(min(places, default=len(whole) + 1), len(whole) + 1))
        elif part == "?":
            places = {ends[place] for place in places if place in ends}
        else:
            literal = folded(part)
            places = {place + len(literal) for place in places if whole.startswith(literal, place)}
    return len(whole) in places


def _ends(characters: list[str]) -> dict[int, int]:
    """Where each character of a folded text begins, and where it ends."""
    ends, place = {}, 0
    for character in characters:
        ends[place] = place + len(character)
        place += len(character)
    return ends
