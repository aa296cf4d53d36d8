"""How a message repeats what somebody typed: only where it can't be a secret in the wrong place."""

from __future__ import annotations

import re

_WORD_OR_NUMBER = re.compile(r"[A-Za-z]{1,8} ?|[-+]?[0-9.]{1,8}[a-z]?", re.ASCII)
_KEY = re.compile(r"[A-Za-z]{1,20}([_-][A-Za-z]{1,20}){0,3}", re.ASCII)
_DOMAIN = re.compile(r"([a-z0-9-]{1,31}\.){1,6}(xn--[a-z0-9]{1,20}|[a-z]{2,20})", re.ASCII)
_MACHINE = re.compile(r"[a-z]{1,12}(-[a-z]{1,12}){0,2}", re.ASCII)

_HIDDEN = "(not shown)"


def echo(value: object) -> str:
    """*value*, as Python writes it, where it is a short word or number; else only of what kind it is."""
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, (int, float)):
        # Python writes no integer of thousands of digits.
        is_short = (isinstance(value, float) or abs(value) < 10**12) and len(repr(value)) <= 12
        return repr(value) if is_short else "(a long number, not shown)"
    if not isinstance(value, str):
        return f"(a {type(value).__name__}, not shown)"
    if _WORD_OR_NUMBER.fullmatch(value):
        return repr(value)
    return f"(a text of {len(value)} characters, not shown)"


def echo_key(key: object) -> str:
    """*key*, where it looks like the name of a setting."""
    return repr(key) if isinstance(key, str) and _KEY.fullmatch(key) else _HIDDEN


def echo_host(host: str) -> str:
    """*host*, where it looks like the name or the address of a machine."""
    looks_right = _DOMAIN.fullmatch(host) or _MACHINE.fullmatch(host) or re.fullmatch(r"[0-9.]{7,15}", host)
    return host if looks_right or (host.startswith("[") and len(host) <= 41) else _HIDDEN
