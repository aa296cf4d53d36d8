"""A week of a company: every day's snapshot against that day's truth, and what the day cost.

    python benchmarks/week.py                              # 12 courses, 400 learners, 5 % change a day
    python benchmarks/week.py --courses 3 --learners 20

The real emulator in a process of its own, and each day what a run of the DAG does (see `week_parts/run.py`), in
its default mode. Once the last day is done, that day is fetched again in the mode `full`; what `full` costs is the
mean of that and the first day, when all is new. Exits non-zero when a row is wrong, missing or doubled, a unit is
not covered exactly once, a request was refused, a day after the first costs more than 12 % of `full`, or nothing
changed from a day to the next.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from benchmarks.control import Control
from benchmarks.rate import connection
from benchmarks.week_parts.run import DayClock, DayRun, Place, task_processes
from benchmarks.week_parts.snapshot import Seen, look, uncovered
from local_airflow.emulator import LocalEmulator
from zoho_people.model.policy import Mode, Policy
from zoho_people.zoho.settings import ConnectionSettings

FIRST_DAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
MOST_SHARE = 0.12
NO_LIMIT = 10**9
HEADERS = (
    "day",
    "requests: rosters",
    "progress",
    "in all",
    "of `full`",
    "course-progress records changed",
    "learners with other entity records",
    "entity records changed",
    "rows",
    "rows wrong / missing / doubled",
)


@dataclass(frozen=True)
class Day:
    """What a day came to, by the emulator's journal, its truth, and what was written."""

    name: str
    lists: int
    progress: int
    refused: int
    marks: Mapping[Place, str]
    seen: Seen
    uncovered: Mapping[str, int]

    @property
    def requests(self) -> int:
        """All that it asked for."""
        return self.lists + self.progress


@dataclass(frozen=True)
class Change:
    """What is other than the day before: learners in a course, by either of Zoho's records, and entity records."""

    by_course_progress: int
    by_entities: int
    entities: int

    @classmethod
    def between(cls, before: Day, after: Day) -> Change:
        """From one day to the next."""
        then, now = before.seen.truth.records, after.seen.truth.records
        places = then.keys() | now.keys()
        other = [len(now.get(place, set()) ^ then.get(place, set())) for place in places]
        return cls(
            by_course_progress=sum(before.marks.get(place) != mark for place, mark in after.marks.items()),
            by_entities=sum(map(bool, other)),
            entities=sum(len(now.get(place, set()) - then.get(place, set())) for place in places),
        )


@dataclass(frozen=True)
class Company:
    """The emulated organisation, and where its progress is kept."""

    control: Control
    settings: ConnectionSettings
    output: Path
    processes: ProcessPoolExecutor
    tasks: int

    def live(self, number: int, mode: Mode = Mode.CHANGED) -> Day:
        """Day *number*, from 0, with one run."""
        self.control.post("day", {"day": number})
        self.control.post("reset")
        began = time.monotonic()
        name = f"{number + 1}" if mode is Mode.CHANGED else f"{number + 1}, `{mode}`"
        start = FIRST_DAY + timedelta(days=number, hours=12 if mode is Mode.FULL else 0)
        run = DayRun(self.output, f"{mode}-{number}", self.settings, Policy(mode), DayClock(start))
        coverage = run.run(self.processes, self.tasks)
        ran_s = time.monotonic() - began
        requests = self.control.requests()
        progress = sum(entry["path"].endswith("/progress") for entry in requests)
        seen = look(self.control, self.output, start.date())
        day = Day(
            name,
            lists=len(requests) - progress,
            progress=progress,
            refused=sum(entry["decision"] != "ok" for entry in requests),
            marks=run.marks(),
            seen=seen,
            uncovered=uncovered(coverage, seen.truth),
        )
        print(
            f"day {name}: {day.requests} requests in {ran_s:.0f} s, compared after "
            f"{time.monotonic() - began:.0f} s; {seen.rows} rows, {seen.differences}",
            flush=True,
        )
        return day


@contextmanager
def company(args: argparse.Namespace, home: Path) -> Iterator[Company]:
    """The company of the arguments, for as long as the block lasts."""
    with (
        LocalEmulator(
            courses=args.courses,
            learners=args.learners,
            seed=args.seed,
            threshold=NO_LIMIT,
            extra_args=["--changed-share", str(args.changed_share)],
            log=home / "emulator.log",
        ) as emulator,
        task_processes(args.processes) as processes,
    ):
        given = json.loads(connection(emulator.url, 60.0))
        settings = ConnectionSettings.parse(
            login=given["login"], password=given["password"], host=given["host"], extra=given["extra"]
        )
        yield Company(Control(emulator.url), settings, home / "data", processes, args.processes)


def table(days: list[Day], changes: list[Change | None], full: float) -> Iterator[str]:
    """The days as Markdown."""
    yield _line(HEADERS)
    yield f"|---|{'---:|' * (len(HEADERS) - 1)}"
    for day, change in zip(days, changes, strict=True):
        differences = day.seen.differences
        changed = (
            ("",) * 3
            if change is None
            else (f"{change.by_course_progress:,}", f"{change.by_entities:,}", f"{change.entities:,}")
        )
        yield _line(
            (
                day.name,
                f"{day.lists:,}",
                f"{day.progress:,}",
                f"{day.requests:,}",
                f"{day.requests / full:.1%}",
                *changed,
                f"{day.seen.rows:,}",
                f"{differences.wrong} / {differences.missing} / {differences.doubled}",
            )
        )


def problems(days: list[Day], changes: list[Change | None], full: float, most_share: float) -> Iterator[str]:
    """What is not as promised."""
    for number, (day, change) in enumerate(zip(days, changes, strict=True)):
        if not day.seen.differences.complete:
            yield f"day {day.name}: rows missing / wrong / doubled: {day.seen.differences}"
        if not day.seen.rows:
            yield f"day {day.name}: there are no rows"
        if any(day.uncovered.values()):
            yield f"day {day.name}: units are not covered exactly once: {day.uncovered}"
        if day.refused:
            yield f"day {day.name}: {day.refused} requests were refused"
        if 0 < number < len(days) - 1 and day.requests > most_share * full:
            yield f"day {day.name}: {day.requests} requests are more than {most_share:.0%} of {full:.0f}"
        if change and not (change.by_course_progress and change.entities):
            yield f"day {day.name}: nothing changed: {change}"


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--courses", type=int, default=12, help="every third one is blended (default 12)")
    parser.add_argument("--learners", type=int, default=400, help="each in every course (default 400)")
    parser.add_argument("--changed-share", type=float, default=0.05, help="of each course's learners, a day")
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--most-share", type=float, default=MOST_SHARE, help="of the requests of `full`")
    parser.add_argument("--processes", type=int, default=4, help="that fetch side by side")
    parser.add_argument("--home", type=Path, help="a new folder for everything (default: a temporary one)")
    return parser.parse_args()


def main() -> int:
    args = parse_args()
    home = (args.home or Path(tempfile.mkdtemp(prefix="zoho-week-"))).resolve()
    home.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with company(args, home) as living:
        days = [living.live(number) for number in range(args.days)]
        days.append(living.live(args.days - 1, Mode.FULL))
    changes = [None, *(Change.between(*pair) for pair in pairwise(days[:-1])), None]
    full = fmean((days[0].requests, days[-1].requests))
    print(
        f"\n{args.courses} courses, {args.learners} learners in each, {args.changed_share:.0%} of them change a "
        f"day; {time.monotonic() - began:.0f} s, {time.strftime('%Y-%m-%d')}\n"
    )
    print("\n".join(table(days, changes, full)))
    found = list(problems(days, changes, full, args.most_share))
    print("\n".join(["", *found, "NOT KEPT" if found else "ok"]))
    return 1 if found else 0


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())
