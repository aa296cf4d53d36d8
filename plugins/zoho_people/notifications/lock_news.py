"""Of the tasks that meet a lock one tells of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from airflow.sdk import Context

from zoho_people.notifications.alert import Alert
from zoho_people.notifications.facts import Facts, names_of, shown_instant
from zoho_people.shared.election import is_elected
from zoho_people.shared.instant import SharedInstant
from zoho_people.shared.text import SharedText
from zoho_people.shared.variables import VariableText, variable_key

log = logging.getLogger(__name__)


def is_mine(
    until: float,
    *,
    told: SharedText,
    ballot: SharedText,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> bool:
    """Whether this task, of those that meet a lock at one moment, is the one to tell that it lasts until *until*.

    *told* is the text in which they keep until when the lock lasts that was told; *ballot* the one by which they
    elect one of them. While a lock lasts that was told nobody tells of another: where it turns out longer, that
    is told when the first end has come.
    """
    told_until = SharedInstant(told, "told_until", wait_for_others=lambda: None)
    if told_until.get() > clock() or not is_elected(ballot, clock=clock, sleep=sleep):
        return False
    told_until.move_to(until)
    return True


def tell_lock(
    alert: Alert,
    context: Context | Mapping[str, Any],
    until: float,
    *,
    conn_id: str,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    shared: Callable[[str, str], SharedText] = VariableText,
) -> None:
    """Send *alert* of the lock that lasts until *until*, unless another task of the DAG does. Nothing is raised.

    *shared* gives the text of a name (and what it is for) in which the tasks tell each other.
    """
    try:
        names: dict[str, Any] = names_of(context)
        # No DAG's id has a slash, so no two pairs come to one name.
        of = f"{conn_id}/{names['dag_id']}"
        told = shared(variable_key(of, "lock_told"), "Until when a lock of Zoho People was told of")
        ballot = shared(variable_key(of, "lock_claim"), "Which task tells of a lock of Zoho People")
        if not is_mine(until, told=told, ballot=ballot, clock=clock, sleep=sleep):
            return
        shown = shown_instant(until)
        message = f"Zoho's API is locked until {shown}. Nothing is lost: the run waits, and asks again then."
        facts = Facts(alert="lock", message=message, conn_id=conn_id, locked_until=shown, **names)
        alert.send(context, facts)
    except Exception:
        # Nothing may be raised straight after a request: its slot must be held first.
        log.exception("%s could not be sent; that hinders nothing else", alert)
