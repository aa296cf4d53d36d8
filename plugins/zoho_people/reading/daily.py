"""The counts of a day: small tables that answer questions over time.

One has a row for each unit that has rows: of a million rows of progress some 200,000. The other one counts all
entity types together, so it has a row for each learner in a course: a tenth of these. Whoever asks often keeps
both, a file a day, under the fingerprint of the day's files. A file under another fingerprint is out of date and
must be removed: learners may have been erased since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from zoho_people.reading.literals import literal

OF_LEARNER = "snapshot_date, course_id, batch_id, learner_id"
OF_UNIT = "snapshot_date, course_id, batch_id, entity_type, learner_id"
COMPUTED = """
SELECT
    {columns},
    count(*) AS entities,
    count(*) FILTER (is_completed) AS completed,
    count(*) FILTER (is_mandatory) AS mandatory,
    count(*) FILTER (is_mandatory AND is_completed) AS mandatory_completed,
    avg(user_mark / max_mark) FILTER (max_mark > 0) AS mark_share,
    bit_xor(hash(entity_type, entity_id, status, user_mark)) AS fingerprint,
    max(fetched_at) AS fetched_at
FROM {progress}
GROUP BY {groups}
"""
"""``fingerprint`` is of the entities, their status and mark; another version of DuckDB may make another one."""

DAILY_COLUMNS = (
    *("snapshot_date", "course_id", "batch_id", "entity_type", "learner_id", "entities", "completed"),
    *("mandatory", "mandatory_completed", "mark_share", "fingerprint", "fetched_at"),
)
_VIEWS = {
    "daily": (OF_UNIT, "IS NOT NULL"),
    "daily_totals": (OF_LEARNER, "IS NULL"),
}
"""Each view's columns beside the counts, and its rows in a file: these of all types together have no type."""


def daily_views(files: Mapping[date, Path], days: Sequence[date]) -> Iterator[str]:
    """The statements that make the views ``daily`` and ``daily_totals``, the latter without ``entity_type``.

    They read the days in *files*, and compute other *days*.
    """
    kept = {day: path for day, path in files.items() if day in days}
    paths = ", ".join(literal(str(path)) for path in kept.values())
    others = ", ".join(f"DATE '{day}'" for day in days if day not in kept)
    progress = f"progress_of([{others}])" if kept else "progress"
    for view, (columns, rows) in _VIEWS.items():
        parts = []
        if kept:
            left_out = "" if columns == OF_UNIT else " EXCLUDE (entity_type)"
            parts.append(f"SELECT *{left_out} FROM read_parquet([{paths}]) WHERE entity_type {rows}")
        if others or not kept:
            parts.append(COMPUTED.format(columns=columns, groups=columns, progress=progress))
        yield f"CREATE VIEW {view} AS {' UNION ALL BY NAME '.join(parts)}"
