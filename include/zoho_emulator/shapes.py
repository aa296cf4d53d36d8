"""Other shapes that progress records may have: nobody outside Zoho has seen them of all ten types."""

from __future__ import annotations

from typing import Any

from zoho_emulator.kinds import Kind

Record = dict[str, Any]

RECORD_SHAPES = ("progress", "definition", "module-only")

_MAXIMUM = {"Offline test": "marks", "Assignment": "maximumMarks"}
_UNLIMITED_FROM = 5


def shaped(record: Record, kind: Kind, shape: str) -> Record:
    """*record* in the *shape* that is asked for.

    ``definition`` has the names and values that Zoho documents where an entity is defined, and the ids of other
    things beside the entity's own; ``module-only`` has no id but that of the entity's module.
    """
    if shape == "progress":
        return record
    other = _like(record[kind.id_field], 11)
    if shape == "module-only":
        return {key: value for key, value in record.items() if key != kind.id_field} | {"moduleId": other}
    names = {kind.mark_field: _MAXIMUM.get(kind.title, kind.mark_field)}
    if kind.title == "Link":
        names["isMandatory"] = "isMandatoryLink"
    defined = {names.get(key, key): value for key, value in record.items()}
    defined |= {"moduleId": other, "gradeCategoryId": _like(other, 2)}
    attempts = defined.get("maximumAttemptsAllowed")
    if isinstance(attempts, int) and attempts >= _UNLIMITED_FROM:
        defined["maximumAttemptsAllowed"] = "unlimited"
    if kind.title == "File":
        defined["duration"] = int(other) % 90
    if kind.title == "Online test":
        defined["passPercentage"] = 40
    return defined


def _like(number: int | str, more: int) -> int | str:
    """Another id, a JSON number or string as *number* is."""
    return type(number)(int(number) + more)
