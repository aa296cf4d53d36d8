"""What can be wrong with what somebody wants to read.

ReadingError
├── NoDataset          nothing is published there: check the path, or run the DAG first
├── NoSuchDay          there is no snapshot of that day: choose one of those that are named
├── UnreadableFile     a file is damaged, or somebody else's: restore it, or move it away
├── UnreachableFiles   they can't be read now: try again, or check the credentials
├── UnknownQuestion    no file of that name is among the questions
└── UnknownParameter   the question has no such parameter, or not that value
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

_NAMED = 5


class ReadingError(Exception):
    """Something can't be read; the message says what, and the cure."""


class NoDataset(ReadingError, LookupError):
    """Nothing of the dataset is published below the output path."""


class NoSuchDay(ReadingError, LookupError):
    """There is no snapshot of that day."""

    def __init__(self, day: date, days: Sequence[date]) -> None:
        near = sorted(sorted(days, key=lambda each: abs(each - day))[:_NAMED])
        named = ", ".join(map(str, near))
        super().__init__(
            f"there is no snapshot of {day}; "
            + (
                f"the {len(days)} that there are: {named}"
                if len(days) <= _NAMED
                else f"of the {len(days)} that there are, these are the nearest: {named}"
            )
        )
        self.near = near


class UnreadableFile(ReadingError, ValueError):
    """The file at ``path`` can't be read."""

    def __init__(self, path: str, why: object) -> None:
        super().__init__(f"the file {path} can't be read ({why}); restore it, or move it away")
        self.path = path


class UnreachableFiles(ReadingError, OSError):
    """The files can't be reached now, or not with these credentials."""


class UnknownQuestion(ReadingError, LookupError):
    """There is no such question."""


class UnknownParameter(ReadingError, ValueError):
    """A question has no such parameter, or it can't have that value."""
