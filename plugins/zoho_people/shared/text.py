"""A text that every process of the installation can read and replace."""

from __future__ import annotations

from typing import Protocol


class SharedText(Protocol):
    """What keeps it: an Airflow Variable in a task, the process's memory elsewhere. The last writer wins."""

    def load(self) -> str | None:
        """The text; None when nobody saved one."""

    def save(self, text: str) -> None:
        """Replace it."""


class MemoryText:
    """A text of this process alone."""

    def __init__(self) -> None:
        self._text: str | None = None

    def load(self) -> str | None:
        return self._text

    def save(self, text: str) -> None:
        self._text = text
