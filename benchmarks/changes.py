"""How long comparing a snapshot with the one before takes, and how much memory.

A course of two days, 50 entities a learner; of every twentieth learner all have changed. Measured: one comparison
in a process of its own (time, the processor's, too, and most memory), for a tenth of the rows and for all of them.

    python benchmarks/changes.py                    # 1,000,000 rows against 1,000,000
    python benchmarks/changes.py --rows 100000

Exits with 1 when a change is missing or too many, or memory is beyond the bound.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "plugins"))

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.comparing.snapshot_comparison import SnapshotComparison
from zoho_people.model.entity_type import EntityType
from zoho_people.model.unit import Course
from zoho_people.publishing.course_file import write_rows
from zoho_people.storage.arrow_memory import give_back_memory
from zoho_people.storage.layout import coverage_file, progress_file
from zoho_people.storage.schema import COVERAGE_SCHEMA, PROGRESS_SCHEMA
from zoho_people.storage.store import Store

COURSE, KIND = Course("100002000000039001"), EntityType.ONLINE_TESTS
DAYS = (date(2026, 1, 2), date(2026, 1, 3))
FIRST_LEARNER, ENTITIES, CHANGED_EVERY, AT_A_TIME = 100002000000000000, 50, 20, 1_000
MOST_MEMORY_MB = 320


def rows_of(learner: int, day: int) -> Iterator[dict[str, Any]]:
    """The learner's rows on day number *day*."""
    is_changed = day == 1 and learner % CHANGED_EVERY == 0
    for entity in range(ENTITIES):
        yield {
            "course_id": COURSE.course_id,
            "learner_id": str(FIRST_LEARNER + learner),
            "entity_id": str(200002000000000000 + entity),
            "entity_name": f"Online test {entity}",
            "status": "completed" if is_changed else "inprogress",
            "user_mark": float(entity),
            "attributes": f'{{"attemptedTime": {1_767_225_600_000 + learner * entity}}}',
            "fetched_at": datetime(2026, 1, 2, 3, tzinfo=UTC),
            "dag_run_id": "run",
        }


def tables(learners: int, day: int) -> Iterator[pa.Table]:
    """All rows of a day, some learners at a time."""
    for first in range(0, learners, AT_A_TIME):
        some = range(first, min(learners, first + AT_A_TIME))
        rows = [row for learner in some for row in rows_of(learner, day)]
        yield pa.Table.from_pylist(rows, schema=PROGRESS_SCHEMA)


def prepare(root: str, learners: int) -> dict[str, Any]:
    """Write both days and their coverage."""
    store = Store(root)
    unit = {"course_id": COURSE.course_id, "entity_type": KIND.label, "outcome": "fetched", "pages": 2}
    for number, day in enumerate(DAYS):
        with store.replacing(progress_file(KIND, COURSE, day)) as temporary:
            write_rows(temporary, tables(learners, number))
        covered = [
            {**unit, "learner_id": str(FIRST_LEARNER + learner), "rows": ENTITIES, "dag_run_id": "run"}
            for learner in range(learners)
        ]
        with store.replacing(coverage_file(day, "run")) as temporary:
            pq.write_table(pa.Table.from_pylist(covered, schema=COVERAGE_SCHEMA), temporary)
    return {}


def compare(root: str) -> dict[str, Any]:
    """Compare the second day with the first; seconds, and the most memory that this process ever had."""
    give_back_memory()
    began, busy = time.perf_counter(), time.process_time()
    found = SnapshotComparison(Store(root), "run").compare(DAYS[1])
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    times = {"seconds": seconds, "processor_seconds": busy}
    return {**times, "memory_mb": kib / 1024, "changes": dict(found.by_change)}


def alone(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Call *function* in a new process; this one stays small, as the most memory of it counts as theirs."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def measure(most_rows: int) -> bool:
    """Measure and print; whether the changes are right and memory is within its bound."""
    learners = max(1, most_rows // ENTITIES)
    changed = len(range(0, learners, CHANGED_EVERY)) * ENTITIES
    with tempfile.TemporaryDirectory(prefix="bench-changes-") as folder:
        alone(prepare, folder, learners)
        done = alone(compare, folder)
    times = f"{done['seconds']:.1f} s, {done['processor_seconds']:.1f} of the processor"
    sys.stdout.write(f"{learners * ENTITIES:,} rows against as many: {times}, {done['memory_mb']:.0f} MB\n")
    if done["changes"] != {"completed": changed}:
        sys.stdout.write(f"changes: {done['changes']}, and {changed} came to be completed\n")
    return bool(done["changes"] == {"completed": changed} and done["memory_mb"] <= MOST_MEMORY_MB)


def main(arguments: list[str] | None = None) -> int:
    """Measure a tenth, then all."""
    parser = argparse.ArgumentParser(description="Time and memory of comparing two snapshots.")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of each of the two")
    options = parser.parse_args(arguments)
    return 0 if all([measure(options.rows // 10), measure(options.rows)]) else 1


if __name__ == "__main__":
    sys.exit(main())
