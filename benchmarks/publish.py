"""How long publishing takes, against pyarrow's own reading and writing, and how much memory.

A course's file has as many rows already as the run has staged, of other learners that lie between the
staged ones, so every part of the file changes. Measured: one publishing in a process of its own (time, most
memory), then pyarrow reading the file that came of it whole and writing it again with the same settings.

    python benchmarks/publish.py                    # 1,000,000 staged rows into 1,000,000
    python benchmarks/publish.py --rows 100000

Exits with 1 when publishing takes more than 3 times as long as pyarrow, or more memory than the bound.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "plugins"))

import pyarrow as pa
import pyarrow.parquet as pq

from zoho_people.model.entity_type import EntityType
from zoho_people.model.planned_unit import PlannedUnit, Reason
from zoho_people.model.unit import Course, Unit
from zoho_people.planning.plan_file import PlanFile, PlanWriter
from zoho_people.publishing.course_file import ROW_GROUP_ROWS
from zoho_people.publishing.publish import publish
from zoho_people.staging.progress_pages import Staging
from zoho_people.zoho.page import Page

COURSE = Course("100002000000039001", "100002000000041383")
DAY = date(2026, 1, 2)
FIRST_LEARNER = 100002000000000000
FIRST_ENTITY = 200002000000000000
ENTITIES = 1_000
MOST_TIMES_PYARROW = 3.0
MOST_MEMORY_MB = 320
"""An interpreter with pyarrow, a row group read, one gathered, one being written, one learner."""


def units(learners: int, *, first: int) -> list[Unit]:
    """Every second learner, from *first* (0 or 1) on."""
    return [
        Unit(COURSE, str(FIRST_LEARNER + 2 * i + first), EntityType.ONLINE_TESTS) for i in range(learners)
    ]


def record(noise: random.Random, entity: int) -> dict[str, Any]:
    """A test record: what belongs to the entity is the same for all learners, the rest is noise."""
    return {
        "duration": f"{10 + entity % 50} minutes",
        "userMark": noise.randrange(1001) / 10,
        "maximumAttemptsAllowed": 1 + entity % 5,
        "testId": FIRST_ENTITY + entity * 37,
        "testMark": 100,
        "isMandatory": entity % 3 == 0,
        "testName": f"Online test {entity}",
        "status": noise.choice(("completed", "inprogress", "notstarted")),
        "attemptedTime": 1_767_225_600_000 + noise.randrange(86_400_000),
    }


def stage(root: str, run: str, learners: int, first: int) -> dict[str, Any]:
    """Have a run stage one page of 1,000 entities for each of its learners."""
    staging = Staging(root, run)
    at = datetime(2026, 1, 2, 3 + first, tzinfo=UTC)
    noise = random.Random(run)  # noqa: S311
    for unit in units(learners, first=first):
        records = tuple(record(noise, entity) for entity in range(ENTITIES))
        staging.add_page(unit, Page(0, records, None), at, run)
    return {}


def publish_run(root: str, run: str, learners: int, first: int) -> dict[str, Any]:
    """Publish what *run* staged; seconds, and the most memory that this process ever had."""
    staging = Staging(root, run)
    with PlanWriter.opened(staging.store, run) as writer:
        writer.add([PlannedUnit(unit, Reason.NAMED) for unit in units(learners, first=first)])
    began = time.perf_counter()
    report = publish(staging, PlanFile(staging.store, run), DAY, datetime.now(UTC))
    seconds = time.perf_counter() - began
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    path = report.files[0].path
    rows = pq.read_metadata(f"{root}/{path}").num_rows
    return {"seconds": seconds, "memory_mb": kib / 1024, "path": path, "rows": rows}


def read_and_write(path: str, target: str) -> dict[str, Any]:
    """pyarrow's own reading and writing of one file, whole, with the settings of the dataset."""
    began = time.perf_counter()
    table = pq.ParquetFile(path).read()
    read = time.perf_counter()
    pq.write_table(table, target, compression="zstd", row_group_size=ROW_GROUP_ROWS)
    return {"seconds": time.perf_counter() - began, "read_seconds": read - began}


def alone(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Call *function* in a new process; this one stays small, as the most memory of it counts as theirs."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def measure(rows: int, folder: Path) -> dict[str, Any]:
    """Prepare both halves, publish the second, read and write the result."""
    learners = max(1, rows // ENTITIES)
    for run, first in (("before", 0), ("now", 1)):
        alone(stage, str(folder), run, learners, first)
        published = alone(publish_run, str(folder), run, learners, first)
    baseline = alone(read_and_write, str(folder / published["path"]), str(folder / "_copy.parquet"))
    return {
        "pyarrow": pa.__version__,
        "staged_rows": learners * ENTITIES,
        "file_rows": published["rows"],
        "file_mb": round((folder / published["path"]).stat().st_size / 1e6, 1),
        "publish_seconds": round(published["seconds"], 2),
        "pyarrow_seconds": round(baseline["seconds"], 2),
        "times_pyarrow": round(published["seconds"] / baseline["seconds"], 2),
        "memory_mb": round(published["memory_mb"]),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Time and memory of publishing, against pyarrow's own.")
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="staged rows, and rows in the file before"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-publish-") as folder:
        result = measure(options.rows, Path(folder))
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:<18}{value:>14,}" if isinstance(value, int | float) else f"{name:<18}{value:>14}")
        print(f"allowed: {MOST_TIMES_PYARROW} times pyarrow, {MOST_MEMORY_MB} MB")
    held = result["times_pyarrow"] <= MOST_TIMES_PYARROW and result["memory_mb"] <= MOST_MEMORY_MB
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
