"""Measures the pace: a real Airflow, the real DAG, and an emulator that enforces Zoho's limit.

    python benchmarks/rate.py                              # 300 requests, 30 in 60 s: about 10 minutes
    python benchmarks/rate.py --requests 40 --threshold 10 --window-seconds 20

Says, too, how slots were passed on: from the answer, a window less lead and hand-over later a slot is free, and
Airflow notices that, fills the slot and starts a process.

Exits non-zero when any window held more requests than the threshold, when the API was locked, when the
requests took longer than 1/0.97 of the ideal time (first to last arrival, against one window for each
threshold's worth of requests after the first), or when more than three workers were busy on average.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from local_airflow.emulator import LocalEmulator
from local_airflow.instance import LocalAirflow
from zoho_people.fetching.pace import Pace

DAG_ID = "zoho_learner_progress"
TYPES = 10


def most_in_window(arrivals: Sequence[float], window_s: float) -> int:
    """The most arrivals in any window of that length, whatever instant it begins at."""
    most = first = 0
    for last, arrival in enumerate(arrivals):
        while arrival - arrivals[first] >= window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


def spreads_s(arrivals: Sequence[float], threshold: int) -> list[float]:
    """Over how long the requests of each round, one for each slot, were spread."""
    rounds = [arrivals[first : first + threshold] for first in range(0, len(arrivals), threshold)]
    return [each[-1] - each[0] for each in rounds]


def median_s(earlier: Sequence[float], later: Sequence[float]) -> float:
    """What lies between the first of both, the second of both, and so on: half of the time it is less."""
    return statistics.median(after - before for before, after in zip(earlier, later, strict=False))


@dataclass(frozen=True)
class Measured:
    """A run: its state, when its requests arrived, when its tasks started and ended, and what else was seen."""

    state: str
    arrivals: list[float]
    started: list[float]
    ended: list[float]
    locks: int
    busy: float

    def print_handovers(self, pace: Pace, threshold: int) -> None:
        """Print how slots were passed on: their k-th end is matched with the k-th start of those who waited."""
        spreads = spreads_s(self.arrivals, threshold)
        free = [pace.slot_free_at(arrival) for arrival in self.arrivals]
        noticed = median_s(free, self.ended)
        passed = median_s(free, self.started[threshold:])
        again = median_s(self.arrivals, self.arrivals[threshold:])
        print(f"requests of a round      within {spreads[0]:.1f} s at first, {spreads[-1]:.1f} s at last")
        print(f"a slot's next request    {again:.1f} s after the one before it (median)")
        print(
            f"a slot passed on         {passed:.1f} s after it was free (median), noticed after {noticed:.1f} s"
        )


class BusySampler(threading.Thread):
    """Samples how many tasks run in a worker, until it is stopped.

    Every five seconds: the tasks talk to the same API server, and should not wait for being counted.
    """

    def __init__(self, airflow: LocalAirflow, run_id: str) -> None:
        super().__init__(daemon=True)
        self._airflow = airflow
        self._run_id = run_id
        self._stopped = threading.Event()
        self.samples: list[int] = []

    def run(self) -> None:
        while not self._stopped.wait(5.0):
            self.samples.append(self._airflow.api.count_tasks(DAG_ID, self._run_id, "running"))

    def stop(self) -> float:
        """The mean number of running tasks."""
        self._stopped.set()
        self.join()
        return statistics.fmean(self.samples or [0])


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=300, help="a multiple of 10 (default 300)")
    parser.add_argument("--threshold", type=int, default=30)
    parser.add_argument("--window-seconds", type=float, default=60.0)
    parser.add_argument("--efficiency", type=float, default=0.97, help="the least share of the ideal pace")
    parser.add_argument("--busy", type=float, default=3.0, help="the most workers busy on average")
    parser.add_argument("--home", type=Path, help="a new folder for Airflow (default: a temporary one)")
    return parser.parse_args()


def connection(url: str, window_s: float, **extra: object) -> str:
    """The emulator's connection, as AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT takes it; *extra* goes to its extra."""
    return json.dumps(
        {
            "conn_type": "zoho_people",
            "login": "emulated-client-id",
            "password": "emulated-client-secret",
            "host": url,
            "extra": {
                "refresh_token": "1000.emulated-refresh-token",
                "accounts_url": url,
                "window_seconds": window_s,
                **extra,
            },
        }
    )


def instants(tasks: Sequence[dict[str, str]], name: str) -> list[float]:
    """When the requests' tasks did what *name* says, ascending."""
    return sorted(datetime.fromisoformat(each[name]).timestamp() for each in tasks if each[name])


def measure(args: argparse.Namespace, home: Path) -> Measured:
    """One run, as emulator and Airflow saw it."""
    with LocalEmulator(
        courses=1,
        learners=args.requests // TYPES,
        window_seconds=args.window_seconds,
        threshold=args.threshold,
        extra_args=["--max-entities", "5"],
    ) as emulator:
        organisation = httpx.get(f"{emulator.url}/_emulator/organisation").json()
        course = organisation["courses"][0]
        env = {
            "AIRFLOW_CONN_ZOHO_PEOPLE_DEFAULT": connection(emulator.url, args.window_seconds),
            "AIRFLOW__ZOHO_PEOPLE__ALLOWED_ROOTS": str(home),
            # Airflow's default: each heartbeat is a write to its database.
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "5",
        }
        with LocalAirflow(
            home, env=env, pools={"zoho_people_api": args.threshold}, parallelism=32
        ) as airflow:
            conf = {
                "courses": [course["course_id"]],
                "learner_ids": course["learner_ids"],
                "output_path": str(home / "data"),
            }
            run_id = airflow.api.trigger_dag(DAG_ID, conf)
            sampler = BusySampler(airflow, run_id)
            sampler.start()
            state = airflow.api.wait_for_run(DAG_ID, run_id, timeout_s=3600, poll_s=5.0)
            busy = sampler.stop()
            tasks = [
                each for each in airflow.api.task_instances(DAG_ID, run_id) if each["task_id"] == "fetch"
            ]
        journal = httpx.get(f"{emulator.url}/_emulator/journal").json()
        stats = httpx.get(f"{emulator.url}/_emulator/stats").json()
    arrivals = [entry["at"] for entry in journal["entries"] if entry["kind"] == "api"]
    started, ended = instants(tasks, "start_date"), instants(tasks, "end_date")
    return Measured(state, arrivals, started, ended, stats["locks_caused"], busy)


def main() -> int:
    args = parse_args()
    home = args.home or Path(tempfile.mkdtemp(prefix="zoho-rate-"))
    print(f"Airflow's home           {home}", flush=True)
    measured = measure(args, home)
    state, arrivals, locks = measured.state, measured.arrivals, measured.locks
    most = most_in_window(arrivals, args.window_seconds)
    ideal_s = (math.ceil(len(arrivals) / args.threshold) - 1) * args.window_seconds
    taken_s = arrivals[-1] - arrivals[0]
    print(f"run                      {state}")
    print(f"requests                 {len(arrivals)} (asked for {args.requests})")
    print(f"most in any window       {most} of {args.threshold} in {args.window_seconds:g} s")
    print(f"locks                    {locks}")
    print(f"first to last request    {taken_s:.1f} s, ideal {ideal_s:.1f} s: {ideal_s / taken_s:.3f}")
    print(f"workers busy on average  {measured.busy:.2f}")
    measured.print_handovers(Pace(args.window_seconds), args.threshold)
    kept = (
        state == "success"
        and len(arrivals) == args.requests
        and most <= args.threshold
        and locks == 0
        and taken_s <= ideal_s / args.efficiency
        and measured.busy <= args.busy
    )
    print("ok" if kept else "NOT KEPT", f"(at {time.strftime('%Y-%m-%d')})")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
