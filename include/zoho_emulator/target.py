"""What a fault rule can see of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zoho_emulator.api import Request
from zoho_emulator.journal import API


@dataclass(frozen=True, slots=True)
class Target:
    """A request, seen as a target for faults; ``page_key`` is the same for each try of the same page."""

    kind: str
    path: str
    page_key: str
    facts: Mapping[str, str]


def target_of(request: Request, *, kind: str = API) -> Target:
    """The target that *request* is."""
    call, ids = request.call
    facts = {"call": call or kind} | ids
    if "entityType" in request.params:
        facts["entity_type"] = request.params["entityType"]
    facts["start_index"] = request.params.get("startIndex") or "0"
    query = "&".join(f"{name}={value}" for name, value in sorted(request.params.items()))
    return Target(kind, request.path, f"{request.path}?{query}", facts)
