"""Says what is wrong with the value of a Param, or of the Variable that stands in for it, and the cure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from zoho_people.model.unit import shown
from zoho_people.steps.run_params import DagParams, schema_of

_PATTERNS = "say the same in fewer rules, by patterns such as name:Safety*"
_FEWER: Mapping[str, str] = {
    "courses": "leave it empty and choose by include and exclude, or give a roster_file",
    "learner_ids": "name them in a roster_file, or leave it empty for all learners",
    "include": _PATTERNS,
    "exclude": _PATTERNS,
    "entity_types": "name each once",
}
"""What to do where a list is too long."""

_NO_WHOLE_NUMBER = ("int_type", "int_from_float", "greater_than_equal", "less_than_equal")


def why(kind: type[DagParams], error: ErrorDetails, where: str) -> str:
    """The message about *error*, which pydantic met; *where* the value is from, in words."""
    name, is_item = str(error["loc"][0]), len(error["loc"]) > 1
    value: Any = error["input"]
    ctx: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return f"{where}{':' if is_item else ''} {ctx['error']}"
        case "list_type":
            example = schema_of(kind, name).get("examples", ["100002000000039001"])[0]
            told = shown(value) if value else "empty"
            return f'{where} is {told}; write a list of strings, such as ["{example}"]'
        case "too_long":
            most = ctx["max_length"]
            return f"{where} has {len(value)} entries, and at most {most} are possible; {_FEWER[name]}"
        case "string_too_long":
            most = ctx["max_length"]
            return f"{where} has an entry of {len(value)} characters, and at most {most} are possible; shorten it"
        case "literal_error":
            return (
                f"{where} {shown(value)} is unknown; use one of: {', '.join(schema_of(kind, name)['enum'])}"
            )
        case "bool_type":
            return f"{where} {shown(value)} is neither true nor false"
        case text if text in _NO_WHOLE_NUMBER:
            schema = schema_of(kind, name)
            bounds = f"from {schema['minimum']} to {schema['maximum']}"
            return f"{where} {shown(value)} can't be; use a whole number {bounds}"
    return f"{where} {shown(value)} can't be: {error['msg']}"
