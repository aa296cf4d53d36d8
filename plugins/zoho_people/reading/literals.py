"""Names and texts as SQL has them."""

from __future__ import annotations


def literal(text: str) -> str:
    """*text* as a literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """*name* as the name of a table or column."""
    return '"' + name.replace('"', '""') + '"'
