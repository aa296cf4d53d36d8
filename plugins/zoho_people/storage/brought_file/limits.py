"""How large a file may be: one that is far too large must fail at once, and not take the worker along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zoho_people.storage.brought_file.errors import InvalidBroughtFile

MAX_LINE_BYTES = 4_096
"""No row of ids and names is as long."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """The deployer's limits. ``max_bytes`` is for the file as it is stored and, of Parquet, unpacked."""

    max_bytes: int = 268_435_456
    max_rows: int = 1_000_000

    def check_bytes(self, count: int, *, what: str = "it has") -> None:
        """:raises InvalidBroughtFile: when *count* bytes are too many."""
        if count > self.max_bytes:
            raise InvalidBroughtFile(
                f"{what} {count} bytes, {_allowed(self.max_bytes, 'roster_file_max_bytes')}"
            )

    def check_rows(self, count: int, **place: Any) -> None:
        """:raises InvalidBroughtFile: when *count* rows are too many."""
        if count > self.max_rows:
            allowed = _allowed(self.max_rows, "roster_file_max_rows")
            raise InvalidBroughtFile(f"it has {count} rows or more, {allowed}", **place)


def _allowed(most: int, option: str) -> str:
    return f"and {most} are allowed; give a smaller file, or have the deployer raise [zoho_people] {option}"
