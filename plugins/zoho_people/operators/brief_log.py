"""A task's log as a story: of many lines of one kind only a few are told."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

FIRST = 3
"""So many lines of a kind are told one by one, and then the 10th, the 100th and so on."""

IN_FULL = {"is_told_in_full": True}
"""The ``extra`` of a line that is told however many of its kind there are."""

_PACKAGE = "zoho_people"


@contextmanager
def brief_log(*, before: int = 0) -> Iterator[None]:
    """Within, this package logs a few lines of each kind: those of one message, whatever its arguments.

    *before* lines of each kind were told by earlier processes of the task; what this one warns of is new all the
    same. Where the package's level is DEBUG every line is told.
    """
    few = _FewOfAKind(before)
    handlers = list(logging.getLogger().handlers)
    for handler in handlers:
        handler.addFilter(few)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(few)


class _FewOfAKind(logging.Filter):
    def __init__(self, before: int) -> None:
        super().__init__()
        self._before = before
        self._told: Counter[tuple[int, str]] = Counter()
        self._latest: logging.LogRecord | None = None
        self._is_latest_told = True

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is told; one that every handler sees counts once."""
        is_ours = record.name == _PACKAGE or record.name.startswith(f"{_PACKAGE}.")
        in_full = getattr(record, "is_told_in_full", False)
        if not is_ours or in_full or logging.getLogger(_PACKAGE).isEnabledFor(logging.DEBUG):
            return True
        if self._latest is not record:
            self._latest, self._is_latest_told = record, self._is_told(record)
        return self._is_latest_told

    def _is_told(self, record: logging.LogRecord) -> bool:
        kind = record.levelno, str(record.msg)
        self._told[kind] += 1
        count = self._told[kind] + (self._before if record.levelno <= logging.INFO else 0)
        if count <= FIRST:
            return True
        if not _is_round(count):
            return False
        record.msg = f"{record.msg} (line {count:,} of its kind; with the level DEBUG all are told)"
        return True


def _is_round(count: int) -> bool:
    """Whether it is 10, 100, 1,000 or the like."""
    return count >= 10 and set(str(count)[1:]) == {"0"} and str(count)[0] == "1"
