"""Operators whose hook and process are handed in."""

from __future__ import annotations

from typing import Any, TypeVar

from tests.helpers.fakes import Clock
from zoho_people.operators.paced import PacedOperator

Kind = TypeVar("Kind", bound=PacedOperator)


def within(kind: type[Kind], clock: Clock, hook: Any) -> type[Kind]:
    """The operator *kind* in a process that goes by *clock*; it asks *hook*."""
    return type(kind.__name__, (kind,), {"process": clock.process, "_hook": lambda self: hook})
