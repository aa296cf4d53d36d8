"""A week of a company: every day's snapshot against that day's truth, and what the day cost.

    python -m benchmarks.week                              # 12 courses, 400 learners, 5 % change a day
    python -m benchmarks.week --courses 3 --learners 20

The real emulator in a process of its own, and each day what a run of the DAG does (see `run.py`), in
its default mode. Once the last day is done, that day is fetched again in the mode `full`; what `full` costs is the
mean of that and the first day, when all is new. Exits non-zero when a row is wrong, missing or doubled, a unit is
not covered exactly once, a request was refused, a day after the first costs more than 12 % of `full`, or nothing
changed from a day to the next.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from benchmarks.week.company import company
from benchmarks.week.day import Change, problems
from benchmarks.week.table import table
from zoho_people.model.policy import Mode

MOST_SHARE = 0.12


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.week",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    size = {"courses": args.courses, "learners": args.learners, "seed": args.seed}
    with company(home, **size, changed_share=args.changed_share, processes=args.processes) as living:
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


if __name__ == "__main__":
    sys.exit(main())
