"""This project beside HttpOperator, dlt and airbyte-cdk: `make bench-peers`, or `python -m benchmarks.peers`.

    python -m benchmarks.peers                                    # scaled: 10 requests in 20 s, a lock of 60 s
    python -m benchmarks.peers --only dlt --only airbyte-cdk
    python -m benchmarks.peers --learners 30 --threshold 30 --window-seconds 60 --lock-seconds 300   # Zoho's own

Each contender reads the same organisation (the emulator makes it from a seed) from an emulator of its own: once,
again on the emulator's next day with half of all learners changed, and once more into an empty place, killed with
`kill -9` after half of the pages and started again. A run that fails is started again one window later. Contenders
that live in Airflow come one after the other; the others run beside them, all at once, since they sleep nearly all
the time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.peers.contenders import Contender, HttpOperatorInPool, Script, ThisProject, Work
from benchmarks.peers.table import table
from benchmarks.peers.trial import Run, Trial
from benchmarks.peers.truth import Emulated
from local_airflow.emulator import LocalEmulator

Make = Callable[[Work, Path], Contender]
CONTENDERS: dict[str, Make] = {
    "this project": ThisProject,
    "HttpOperator, pool of 1": lambda work, folder: HttpOperatorInPool(work, folder, slots=1),
    "HttpOperator, pool of 4": lambda work, folder: HttpOperatorInPool(work, folder, slots=4),
    "dlt": lambda work, folder: Script(work, folder, name="with_dlt.py", environment="dlt", paced=False),
    "dlt, requests-ratelimiter": lambda work, folder: Script(
        work, folder, name="with_dlt.py", environment="dlt", paced=True
    ),
    "airbyte-cdk": lambda work, folder: Script(
        work, folder, name="with_airbyte_cdk.py", environment="airbyte", margin_seconds=0
    ),
    "airbyte-cdk, a second of margin": lambda work, folder: Script(
        work, folder, name="with_airbyte_cdk.py", environment="airbyte", margin_seconds=1
    ),
}
NEED_AIRFLOW = ("this project", "HttpOperator, pool of 1", "HttpOperator, pool of 4")


def measure(name: str, args: argparse.Namespace, home: Path) -> list[Run]:
    """The three runs of one contender."""
    folder = home / name.replace(", ", "-").replace(" ", "-")
    folder.mkdir(parents=True)
    with LocalEmulator(
        courses=1,
        learners=args.learners,
        window_seconds=args.window_seconds,
        threshold=args.threshold,
        lock_seconds=args.lock_seconds,
        extra_args=["--max-entities", "40", "--changed-share", "0.5"],
        log=folder / "emulator.log",
    ) as emulator:
        emulated = Emulated(emulator.url)
        course = emulated.get("organisation")["courses"][0]
        work = Work(
            url=emulator.url,
            course_id=course["course_id"],
            learner_ids=tuple(course["learner_ids"]),
            threshold=args.threshold,
            window_s=args.window_seconds,
            lock_s=args.lock_seconds,
        )
        trial = Trial(CONTENDERS[name](work, folder), emulated, work, folder, args.limit_seconds)
        runs = trial.runs()
    for what, run in zip(("first", "second", "killed"), runs, strict=True):
        print(f"{name}, {what}: {run}", flush=True)
    return runs


def measure_all(names: list[str], args: argparse.Namespace, home: Path) -> dict[str, list[Run]]:
    """Side by side: those in Airflow one after the other, and each of the others."""
    lanes = [[name for name in names if name in NEED_AIRFLOW]]
    lanes += [[name] for name in names if name not in NEED_AIRFLOW]

    def run_lane(lane: list[str]) -> dict[str, list[Run]]:
        try:
            return {name: measure(name, args, home) for name in lane}
        except BaseException:
            traceback.print_exc()
            raise

    with ThreadPoolExecutor(max_workers=len(lanes)) as pool:
        results = {name: runs for found in pool.map(run_lane, lanes) for name, runs in found.items()}
    return {name: results[name] for name in names}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="may be given again")
    parser.add_argument("--learners", type=int, default=6, help="ten units each (default 6)")
    parser.add_argument("--threshold", type=int, default=10)
    parser.add_argument("--window-seconds", type=float, default=20.0)
    parser.add_argument("--lock-seconds", type=float, default=60.0)
    parser.add_argument("--limit-seconds", type=float, default=900.0, help="the longest that a run may take")
    parser.add_argument("--home", type=Path, help="a new folder for everything (default: a temporary one)")
    return parser.parse_args()


def main() -> int:
    args = parse_args()
    home = args.home or Path(tempfile.mkdtemp(prefix="zoho-peers-"))
    print(f"Everything is below {home}", flush=True)
    results = measure_all(args.only or list(CONTENDERS), args, home.resolve())
    print(
        f"\n{10 * args.learners} units, {args.threshold} requests in {args.window_seconds:g} s, "
        f"a lock of {args.lock_seconds:g} s, {time.strftime('%Y-%m-%d')}\n"
    )
    print(table(results, args.limit_seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
