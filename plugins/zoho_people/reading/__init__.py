"""What people ask: the published files as tables, for pandas, for SQL and for the page.

    from zoho_people.reading import progress
    progress("/data/zoho", courses=["100002000000039001"])

Needs DuckDB and, for what comes as a data frame, pandas; Airflow is not needed. The questions in SQL are the files
of :mod:`zoho_people.reading.sql`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoho_people.reading.frames import answer, changes, courses, coverage, learners, progress

__all__ = ["answer", "changes", "courses", "coverage", "learners", "progress"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from zoho_people.reading import frames

    return getattr(frames, name)
