"""What all the others write: one flat row for each record. Standard library only."""

from __future__ import annotations

import json
from typing import Any

PREFIXES = ("test", "test", "assignment", "file", "content", "session", "link", "test", "test", "feedback")
"""How the records of each entity type name their id and name, by Zoho's code of the type."""


def path(unit: dict[str, Any]) -> str:
    """The progress endpoint of a unit's learner, without its query."""
    return f"api/v1/courses/{unit['course_id']}/learners/{unit['learner_id']}/progress"


def row(unit: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """The row of *record*; ids as text, since they exceed what a double holds."""
    prefix = PREFIXES[unit["entity_type"]]
    mark = record.get("userMark")
    return {
        "course_id": str(unit["course_id"]),
        "learner_id": str(unit["learner_id"]),
        "entity_type": int(unit["entity_type"]),
        "entity_id": str(record[f"{prefix}Id"]),
        "entity_name": record.get(f"{prefix}Name"),
        "status": record.get("status"),
        "user_mark": None if mark is None else float(mark),
        "record": json.dumps(record, ensure_ascii=False),
    }


def is_locked(body: Any) -> bool:
    """Whether a body is Zoho's locked answer, code 7209, flat or nested."""
    if not isinstance(body, dict):
        return False
    nested = body.get("response") or {}
    errors = nested.get("errors") or {} if isinstance(nested, dict) else {}
    return "7209" in {str(body.get("code")), str(errors.get("code"))}
