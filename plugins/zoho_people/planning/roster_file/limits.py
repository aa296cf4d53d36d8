"""How large a roster file may be: one that is far too large must fail at once, and not take the worker along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zoho_people.planning.roster_file.errors import InvalidRosterFile

MAX_LINE_BYTES = 4_096
"""Three ids make no line of CSV that is as long."""


@dataclass(frozen=True, slots=True)
class RosterLimits:
    """The deployer's limits. ``max_bytes`` is for the file as it is stored and, of Parquet, unpacked."""

    max_bytes: int = 268_435_456
    max_rows: int = 1_000_000

    def check_bytes(self, count: int, *, what: str = "it has") -> None:
        """:raises InvalidRosterFile: when *count* bytes are too many."""
        if count > self.max_bytes:
            raise InvalidRosterFile(
                f"{what} {count} bytes, {_allowed(self.max_bytes, 'roster_file_max_bytes')}"
            )

    def check_rows(self, count: int, **place: Any) -> None:
        """:raises InvalidRosterFile: when *count* rows are too many."""
        if count > self.max_rows:
            allowed = _allowed(self.max_rows, "roster_file_max_rows")
            raise InvalidRosterFile(f"it has {count} rows or more, {allowed}", **place)


def _allowed(most: int, option: str) -> str:
    return f"and {most} are allowed; give a smaller file, or have the deployer raise [zoho_people] {option}"
