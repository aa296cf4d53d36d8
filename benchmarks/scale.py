"""A large organisation through a real Airflow, with the emulator's limit scaled up so that it ends.

    python benchmarks/scale.py                                     # 20 courses × 100 learners × 5 types
    python benchmarks/scale.py --courses 5 --learners 400

Prints how long each step took, the most memory of any task's process, how much Airflow's database grew for each
1,000 units, and the longest time between two heartbeats of the scheduler, which it writes once a loop. Exits
non-zero when the run fails, rows are missing, or the scheduler was silent for more than 5 seconds.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import httpx
import psutil
import pyarrow.dataset as ds

from benchmarks.rate import DAG_ID, connection
from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow

TYPES = ["offline_tests", "online_tests", "assignments", "files", "sessions"]
LONGEST_SILENCE_S = 5.0


class Watch(threading.Thread):
    """Samples Airflow twice a second: the scheduler's heartbeat, and the memory of the tasks' processes."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self._database = f"file:{home / 'airflow.db'}?mode=ro"
        self._home = str(home)
        self._stopped = threading.Event()
        self.beats: set[float] = set()
        self.most_memory_mb = 0.0

    def run(self) -> None:
        while not self._stopped.wait(0.5):
            self._sample_heartbeat()
            self._sample_memory()

    def _sample_heartbeat(self) -> None:
        with sqlite3.connect(self._database, uri=True, timeout=30) as database:
            found = database.execute(
                "select max(latest_heartbeat) from job where job_type = 'SchedulerJob'"
            ).fetchone()
        if found and found[0]:
            self.beats.add(datetime.fromisoformat(found[0]).timestamp())

    def _sample_memory(self) -> None:
        for process in psutil.process_iter(["cmdline", "memory_info"]):
            name = " ".join(process.info["cmdline"] or ())
            if name.startswith("airflow worker") and process.info["memory_info"]:
                self.most_memory_mb = max(self.most_memory_mb, process.info["memory_info"].rss / 2**20)

    def stop(self) -> float:
        """The longest time between two heartbeats, in seconds."""
        self._stopped.set()
        self.join()
        beats = sorted(self.beats)
        return max((later - earlier for earlier, later in pairwise(beats)), default=0.0)


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
    parser.add_argument(
        "--threshold", type=int, default=60, help="requests in a window, and the pool's slots"
    )
    parser.add_argument("--window-seconds", type=float, default=1.0)
    return parser.parse_args()


def database_mb(home: Path) -> float:
    """The size of Airflow's metadata database, with what is not yet in its main file."""
    return sum(path.stat().st_size for path in home.glob("airflow.db*")) / 2**20


def main() -> int:
    args = parse_args()
    home = Path(tempfile.mkdtemp(prefix="zoho-scale-"))
    with LocalEmulator(
        courses=args.courses,
        learners=args.learners,
        window_seconds=args.window_seconds,
        threshold=args.threshold,
        extra_args=["--max-entities", "5"],
    ) as emulator:
        env = {
            "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT": connection(emulator.url, args.window_seconds),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        }
        pools = {"zoho_people_api": args.threshold}
        with LocalAirflow(home, env=env, pools=pools, parallelism=32) as airflow:
            before_mb = database_mb(home)
            watch = Watch(home)
            watch.start()
            began = time.monotonic()
            conf = {"entity_types": TYPES, "output_path": str(home / "data")}
            run_id = airflow.api.trigger_dag(DAG_ID, conf)
            state = airflow.api.wait_for_run(DAG_ID, run_id, timeout_s=4 * 3600)
            took_s = time.monotonic() - began
            silence_s = watch.stop()
            grown_mb = database_mb(home) - before_mb
            steps = step_seconds(airflow, run_id)
            tasks = sum(task["task_id"] == "fetch" for task in airflow.api.task_instances(DAG_ID, run_id))
        stats = httpx.get(f"{emulator.url}/_emulator/stats", timeout=60).json()
    units = args.courses * args.learners * len(TYPES)
    coverage = ds.dataset(home / "data" / "coverage", format="parquet", partitioning="hive").to_table()
    answered = sum(outcome in ("fetched", "empty") for outcome in coverage["outcome"].to_pylist())
    print(
        f"run                          {state}: {units} units in {tasks} tasks, {answered} of them answered"
    )
    print(f"requests                     {stats['requests']['api']}, locks caused {stats['locks_caused']}")
    print(f"time                         {took_s:.0f} s")
    for step, seconds in steps.items():
        print(f"  {step:<26} {seconds:.1f} s")
    print(f"most memory of a task        {watch.most_memory_mb:.0f} MB")
    print(f"database growth              {grown_mb / units * 1000:.2f} MB for 1,000 units")
    print(f"longest silence of scheduler {silence_s:.1f} s")
    kept = state == "success" and answered == units and silence_s <= LONGEST_SILENCE_S
    print("ok" if kept else "NOT KEPT", f"(at {time.strftime('%Y-%m-%d')})")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
