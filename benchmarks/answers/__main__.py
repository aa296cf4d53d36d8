"""How long each question takes on a large organisation's month, and what a day's counts cost.

python -m benchmarks.answers build/month       # made first, where it is not there
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.answers.month import write
from zoho_people.reading.daily_file import write_daily
from zoho_people.reading.dataset import Dataset
from zoho_people.reading.questions import question_names

T = TypeVar("T")


def timed(what: str, act: Callable[[], T]) -> T:
    """What *act* returns; prints how long it took and the most memory so far."""
    began, worked = time.monotonic(), time.process_time()
    done = act()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rows = getattr(done, "num_rows", "")
    print(
        f"{what:24}{time.monotonic() - began:8.2f} s {time.process_time() - worked:8.2f} s of processors "
        f"{memory:6} MB {rows:>12}"
    )
    return done


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if not (options.folder / "data").exists():
        write(options.folder, rows_a_day=1_000_000, days=30, processes=2)
    dataset = Dataset.at(options.folder / "data")
    brought = {"people": options.folder / "people.csv", "deadlines": options.folder / "deadlines.csv"}
    with tempfile.TemporaryDirectory() as folder:
        daily = {day: Path(folder) / f"{day}.parquet" for day in dataset.days()}
        with timed("open", lambda: dataset.open(threads=2)) as opened:
            for day, path in daily.items():
                timed(f"counts of {day}", lambda day=day, path=path: write_daily(opened, day, path))  # type: ignore[misc]
        with timed("open, all", lambda: dataset.open(threads=2, daily=daily, **brought)) as opened:
            for name in question_names():
                timed(name, lambda name=name: opened.run(name))  # type: ignore[misc]


if __name__ == "__main__":
    main()
