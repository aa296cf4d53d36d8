"""The counts of a day per learner, course and entity type: a small table that answers questions over time.

It has a row for each unit that has rows: of a million rows of progress some 200,000.
Whoever asks often keeps it, a file a day, under the fingerprint of the day's files. A file under another
fingerprint is out of date and must be removed: learners may have been erased since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from zoho_people.reading.literals import quoted

COMPUTED = """
SELECT
    snapshot_date, course_id, batch_id, entity_type, learner_id,
    count(*) AS entities,
    count(*) FILTER (is_completed) AS completed,
    count(*) FILTER (is_mandatory) AS mandatory,
    count(*) FILTER (is_mandatory AND is_completed) AS mandatory_completed,
    avg(user_mark / max_mark) FILTER (max_mark > 0) AS mark_share,
    bit_xor(hash(entity_id, status, user_mark)) AS fingerprint,
    max(fetched_at) AS fetched_at
FROM {progress}
GROUP BY snapshot_date, course_id, batch_id, entity_type, learner_id
"""
"""``fingerprint`` is of the entities, their status and mark; another version of DuckDB may make another one."""

DAILY_COLUMNS = (
    *("snapshot_date", "course_id", "batch_id", "entity_type", "learner_id", "entities", "completed"),
    *("mandatory", "mandatory_completed", "mark_share", "fingerprint", "fetched_at"),
)


def daily_view(files: Mapping[date, Path], days: Sequence[date]) -> str:
    """The statement that makes the view ``daily``: it reads the days in *files*, and computes other *days*."""
    kept = {day: path for day, path in files.items() if day in days}
    if not kept:
        return f"CREATE VIEW daily AS {COMPUTED.format(progress='progress')}"
    paths = ", ".join(quoted(str(path)) for path in kept.values())
    parts = [f"SELECT * FROM read_parquet([{paths}])"]
    others = ", ".join(f"DATE '{day}'" for day in days if day not in kept)
    if others:
        parts.append(COMPUTED.format(progress=f"progress_of([{others}])"))
    return f"CREATE VIEW daily AS {' UNION ALL BY NAME '.join(parts)}"
