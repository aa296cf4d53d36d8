"""The progress records of one learner in one entity type of a course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zoho_emulator.draws import Draws
from zoho_emulator.kinds import Kind
from zoho_emulator.oddities import DURATIONS, NAMES, ODD_DURATIONS, ODD_STATUSES, STATUSES, extra_fields

Record = dict[str, Any]

MISSING = object()
"""Stands for a field that a record doesn't have at all; ``None`` is a field that is null."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One test, file, session, … of a course, as every learner of the course sees it."""

    entity_id: int | str
    kind: Kind
    name: object
    is_mandatory: object
    max_mark: object
    maximum_attempts_allowed: object


def make_entity(draws: Draws, *, kind: Kind, number: int, entity_id: int | str) -> Entity:
    """Entity *number* (from 0) of *kind*; a few lack a name, a mark or the mandatory flag."""
    name: object = f"{kind.title} {number + 1}"
    if draws.chance(0.5):
        name = f"{draws.pick(NAMES)} {number + 1}" if draws.chance(0.7) else draws.pick(NAMES)
    return Entity(
        entity_id=entity_id,
        kind=kind,
        name=_sometimes_absent(draws, name, share=0.04),
        is_mandatory=_sometimes_absent(draws, draws.chance(0.5), share=0.1),
        max_mark=_sometimes_absent(draws, draws.pick((100, 100, 50, 10, 37.5)), share=0.06),
        maximum_attempts_allowed=_sometimes_absent(draws, draws.between(1, 5), share=0.5),
    )


def make_record(entity: Entity, draws: Draws) -> Record:
    """What the progress endpoint says of *entity* for the learner whose *draws* these are."""
    kind = entity.kind
    status = _sometimes_absent(draws, draws.pick(STATUSES), share=0.05)
    if draws.chance(0.03):
        status = draws.pick(ODD_STATUSES)
    fields: dict[str, object] = {
        "duration": _duration(draws) if kind.has_duration else MISSING,
        "userMark": _user_mark(draws, entity) if kind.has_marks else MISSING,
        "maximumAttemptsAllowed": entity.maximum_attempts_allowed if kind.has_marks else MISSING,
        kind.id_field: entity.entity_id,
        kind.mark_field: entity.max_mark if kind.has_marks else MISSING,
        "isMandatory": entity.is_mandatory,
        kind.name_field: entity.name,
        "status": status,
    }
    record = {name: value for name, value in fields.items() if value is not MISSING}
    record.update(extra_fields(draws))
    return record


def _user_mark(draws: Draws, entity: Entity) -> object:
    highest = entity.max_mark if isinstance(entity.max_mark, int | float) else 100
    mark: object = draws.between(0, int(highest))
    if draws.chance(0.3):
        mark = draws.pick((0.1, 0.5, 87.5, 66.67, 33.333333333333336)) * highest / 100
    return _sometimes_absent(draws, mark, share=0.15)


def _duration(draws: Draws) -> object:
    duration = draws.pick(ODD_DURATIONS) if draws.chance(0.15) else draws.pick(DURATIONS)
    return _sometimes_absent(draws, duration, share=0.1)


def _sometimes_absent(draws: Draws, value: object, *, share: float) -> object:
    """*value*, or in *share* of all cases null or no field at all."""
    if not draws.chance(share):
        return value
    return None if draws.chance(0.5) else MISSING
