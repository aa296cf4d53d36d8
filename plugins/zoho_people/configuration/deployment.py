"""What the deployer set in Airflow's configuration, section ``[zoho_people]``.

In the environment an option is ``AIRFLOW__ZOHO_PEOPLE__<OPTION>``. Who may trigger a DAG, or edit a connection or
a Variable, can't change what stands here.
"""

from __future__ import annotations

from airflow.sdk import conf

SECTION = "zoho_people"


class InvalidOption(ValueError):
    """An option has an impossible value; the message names it, the value and the cure."""


def option_text(name: str) -> str:
    """The option *name* without blanks around it; empty where it is not set."""
    return str(conf.get(SECTION, name, fallback="") or "").strip()


def option_list(name: str) -> tuple[str, ...]:
    """The texts between the commas of the option *name*; none where it is not set."""
    return tuple(part.strip() for part in option_text(name).split(",") if part.strip())


def option_count(name: str, default: int) -> int:
    """The option *name* as a whole number from 1; *default* where it is not set.

    :raises InvalidOption: when it is anything else.
    """
    text = option_text(name)
    if text and not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise InvalidOption(f"[{SECTION}] {name} {text[:80]!r} can't be; use a whole number from 1")
    return int(text) if text else default
