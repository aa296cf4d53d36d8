"""Names and texts as SQL has them."""

from __future__ import annotations


def quoted(text: str) -> str:
    """*text* as a literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted_name(name: str) -> str:
    """*name* as the name of a table or column."""
    return '"' + name.replace('"', '""') + '"'
