"""A large organisation through a real Airflow, with the emulator's limit scaled up so that it ends.

    python benchmarks/scale.py                                     # 20 courses × 100 learners × 5 types
    python benchmarks/scale.py --learners 10000 --daily-limit 25000   # a million units: one day of them
    python benchmarks/scale.py --learners 10000 --types-of-a-course 2 --sample 5    # all, a fifth is asked for

With `--sample` a first run asks for so many learners of each course, as a careful user would; so the second one,
which is the one that is measured, knows of which entity types a course has nothing.

Prints how long each step took, the most memory of each one's processes, how much Airflow's database grew for each
1,000 units, and the longest time between two heartbeats of the scheduler, which it writes once a loop. Exits
non-zero when the run fails, a unit is in the coverage not exactly once, one is missing that fits into the day,
rows are not as many as the coverage says and (without a daily limit) as the organisation has, the API was locked,
or the scheduler was silent for more than 5 seconds.
"""

from __future__ import annotations

import argparse
import csv
import sqlite3
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from benchmarks.rate import DAG_ID, connection
from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from zoho_emulator.organisation import Organisation
from zoho_people.model.entity_type import EntityType
from zoho_people.model.outcome import ANSWERED, POSTPONED, Outcome

TYPES = ["offline_tests", "online_tests", "assignments", "files", "sessions"]
MOST_ENTITIES = 5
LONGEST_SILENCE_S = 5.0


class Silence(NamedTuple):
    """A time without a heartbeat of the scheduler: how long it was, and how long after the first one."""

    seconds: float
    after_s: float


class Watch(threading.Thread):
    """Samples Airflow twice a second: the scheduler's heartbeat, and the memory of the tasks' processes."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self._database = f"file:{home / 'airflow.db'}?mode=ro"
        self._stopped = threading.Event()
        self.beats: set[float] = set()
        self.most_memory_mb: dict[str, float] = defaultdict(float)

    def run(self) -> None:
        while not self._stopped.wait(0.5):
            with sqlite3.connect(self._database, uri=True, timeout=30) as database:
                found = database.execute(
                    "select max(latest_heartbeat) from job where job_type = 'SchedulerJob'"
                ).fetchone()
                running = database.execute(
                    "select task_id, pid from task_instance where state = 'running' and pid is not null"
                ).fetchall()
            if found and found[0]:
                self.beats.add(datetime.fromisoformat(found[0]).timestamp())
            for task_id, pid in running:
                self.most_memory_mb[task_id] = max(self.most_memory_mb[task_id], peak_memory_mb(pid))

    def stop(self) -> list[Silence]:
        """The times between two heartbeats, the longest first."""
        self._stopped.set()
        self.join()
        beats = sorted(self.beats)
        silences = [Silence(later - earlier, earlier - beats[0]) for earlier, later in pairwise(beats)]
        return sorted(silences, reverse=True)


def peak_memory_mb(pid: int) -> float:
    """The most memory that a process has had so far, pages shared with its parent included; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def step_seconds(airflow: LocalAirflow, run_id: str) -> dict[str, float]:
    """How long each step took, from its first task's start to its last one's end."""
    spans: dict[str, list[datetime]] = defaultdict(list)
    for task in airflow.api.task_instances(DAG_ID, run_id):
        for instant in (task["start_date"], task["end_date"]):
            if instant:
                spans[task["task_id"]].append(datetime.fromisoformat(instant))
    return {step: (max(span) - min(span)).total_seconds() for step, span in spans.items()}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--courses", type=int, default=20)
    parser.add_argument("--learners", type=int, default=100, help="of each course")
    parser.add_argument("--types-of-a-course", type=int, help="out of ten; all by default")
    parser.add_argument(
        "--sample", type=int, default=0, help="learners of each course that a first run asks for"
    )
    parser.add_argument(
        "--threshold", type=int, default=30, help="requests in a window, and the pool's slots"
    )
    parser.add_argument("--window-seconds", type=float, default=1.0)
    parser.add_argument(
        "--parallelism", type=int, default=16, help="tasks at once: here they wait in their workers"
    )
    parser.add_argument(
        "--daily-limit", type=int, help="of the organisation; a tenth of it is left to others"
    )
    return parser.parse_args()


def database_mb(home: Path) -> float:
    """The size of Airflow's metadata database, with what is not yet in its main file."""
    return sum(path.stat().st_size for path in home.glob("airflow.db*")) / 2**20


@dataclass(frozen=True)
class Result:
    """What the dataset says of the run's *units*."""

    units: int
    covered: int
    answered: int
    absent: int
    postponed: int
    rows_covered: int
    rows: int

    @classmethod
    def read(cls, data: Path, run_id: str, units: int) -> Result:
        coverage = ds.dataset(data / "coverage", format="parquet", partitioning="hive")
        keys = ["course_id", "batch_id", "learner_id", "entity_type"]
        of_run = pc.equal(ds.field("dag_run_id"), run_id)
        table = coverage.to_table(columns=[*keys, "outcome", "error", "rows"], filter=of_run)
        is_answered = pc.is_in(table["outcome"], value_set=pa.array(ANSWERED))
        return cls(
            units,
            covered=table.group_by(keys).aggregate([]).num_rows,
            answered=pc.sum(is_answered).as_py(),
            absent=pc.sum(pc.equal(table["outcome"], Outcome.TYPE_ABSENT)).as_py() or 0,
            postponed=pc.sum(pc.equal(table["error"], POSTPONED)).as_py() or 0,
            rows_covered=pc.sum(table["rows"]).as_py(),
            rows=ds.dataset(data / "learner_progress", format="parquet").count_rows(),
        )

    @property
    def is_whole(self) -> bool:
        """Whether each unit is answered, absent or left for another day, and the rows of all answers are there."""
        settled = self.answered + self.absent + self.postponed
        return self.units == self.covered == settled and self.rows == self.rows_covered


def rows_of(organisation: Organisation) -> int:
    """How many records the organisation has of the entity types that are asked for."""
    codes = {EntityType.parse(name).value for name in TYPES}
    return sum(
        len(organisation.records(unit))
        for course in organisation.all_courses()
        for batch_id in course.batch_ids or (None,)
        for unit in organisation.units(course, batch_id)
        if unit.kind.code in codes
    )


def write_sample(path: Path, organisation: Organisation, most: int) -> None:
    """A roster file with the first learners of each course, and of each batch of a blended one."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["course_id", "batch_id", "learner_id"])
        for course in organisation.all_courses():
            for batch_id in course.batch_ids or (None,):
                for index in organisation.learners_of(course, batch_id)[:most]:
                    rows.writerow([course.course_id, batch_id, organisation.learner_id(index)])


def main() -> int:
    args = parse_args()
    home = Path(tempfile.mkdtemp(prefix="zoho-scale-"))
    print(f"Airflow's home               {home}", flush=True)
    organisation = Organisation(
        args.courses, args.learners, max_entities=MOST_ENTITIES, types_of_a_course=args.types_of_a_course
    )
    of_a_course = (
        [] if args.types_of_a_course is None else ["--types-of-a-course", str(args.types_of_a_course)]
    )
    with LocalEmulator(
        courses=args.courses,
        learners=args.learners,
        window_seconds=args.window_seconds,
        threshold=args.threshold,
        seed=organisation.seed,
        extra_args=["--max-entities", str(MOST_ENTITIES), *of_a_course],
    ) as emulator:
        limit = {"daily_limit": args.daily_limit} if args.daily_limit else {}
        env = {
            "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT": connection(emulator.url, args.window_seconds, **limit),
            "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(home),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
            # Tasks that wait in their workers report as often as Airflow has it, and two processes answer them.
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "5",
            "AIRFLOW__API__WORKERS": "2",
        }
        pools = {"zoho_people_api": args.threshold}
        with LocalAirflow(home, env=env, pools=pools, parallelism=args.parallelism) as airflow:
            conf = {"entity_types": TYPES, "output_path": str(home / "data")}
            if args.sample:
                write_sample(home / "sample.csv", organisation, args.sample)
                run_id = airflow.api.trigger_dag(DAG_ID, conf | {"roster_file": str(home / "sample.csv")})
                state = airflow.api.wait_for_run(DAG_ID, run_id, timeout_s=3600)
                print(f"first run, of the sample     {state}", flush=True)
            before_mb = database_mb(home)
            before = httpx.get(f"{emulator.url}/_emulator/stats", timeout=60).json()
            watch = Watch(home)
            watch.start()
            began = time.monotonic()
            run_id = airflow.api.trigger_dag(DAG_ID, conf)
            state = airflow.api.wait_for_run(DAG_ID, run_id, timeout_s=4 * 3600)
            took_s = time.monotonic() - began
            silences = watch.stop()
            grown_mb = database_mb(home) - before_mb
            steps = step_seconds(airflow, run_id)
            tasks = sum(task["task_id"] == "fetch" for task in airflow.api.task_instances(DAG_ID, run_id))
        stats = httpx.get(f"{emulator.url}/_emulator/stats", timeout=60).json()
    result = Result.read(home / "data", run_id, args.courses * args.learners * len(TYPES))
    expected_rows = rows_of(organisation) if args.daily_limit is None else result.rows
    print(
        f"run                          {state}: {result.units} units, {result.answered} answered in {tasks} tasks,"
    )
    print(
        f"                             {result.absent} of an absent type, {result.postponed} left for another day;"
    )
    print(f"                             {result.rows} rows of {expected_rows}")
    requests = stats["requests"]["api"] - before["requests"]["api"]
    print(f"requests                     {requests}, locks caused {stats['locks_caused']}")
    print(f"time                         {took_s:.0f} s")
    for step, seconds in steps.items():
        print(f"  {step:<26} {seconds:.1f} s, {watch.most_memory_mb[step]:.0f} MB")
    print(f"database growth              {grown_mb / result.answered * 1000:.2f} MB for 1,000 units fetched")
    longest = ", ".join(f"{silence.seconds:.1f} s (at {silence.after_s:.0f} s)" for silence in silences[:5])
    print(f"silences of the scheduler    {longest}")
    kept = (
        state == "success"
        and result.is_whole
        and result.rows == expected_rows
        and (args.daily_limit is not None or not result.postponed)
        and stats["locks_caused"] == 0
        and silences
        and silences[0].seconds <= LONGEST_SILENCE_S
    )
    print("ok" if kept else "NOT KEPT", f"(at {time.strftime('%Y-%m-%d')})")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
