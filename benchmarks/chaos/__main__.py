"""Breaks a real Airflow in every way that the design foresees, and compares what comes of it with the truth.

    python -m benchmarks.chaos                                  # the whole matrix: an hour and a quarter
    python -m benchmarks.chaos --only kill-worker --times 5
    python -m benchmarks.chaos --list

The same seed does the same: it chooses the moments, the victims and the answers that go wrong. While a trial
lasts a reader loops over the dataset. Exits non-zero unless no row is missing, none doubled, no lock was caused
by our own requests, no reader saw anything but whole files, and every run came to its end.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.chaos import table
from benchmarks.chaos.catalog import BY_NAME, CATALOG, Entry
from benchmarks.chaos.scene import Scale, opened
from benchmarks.chaos.session import Session
from benchmarks.chaos.verdict import Verdict


def parse_args(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--only", nargs="+", choices=BY_NAME, metavar="NAME", help="these trials (see --list)"
    )
    parser.add_argument(
        "--times", type=int, help="how often a fault strikes in its run, where that can be chosen"
    )
    parser.add_argument("--window-seconds", type=float, default=20.0)
    parser.add_argument("--threshold", type=int, default=30)
    parser.add_argument("--lock-seconds", type=float, default=40.0)
    parser.add_argument(
        "--lost-from", type=int, default=8, help="the pool whose slots are lost (lose-8, ...)"
    )
    parser.add_argument("--home", type=Path, help="a new folder for all files (default: a temporary one)")
    parser.add_argument("--json", type=Path, help="write the verdicts there, too")
    parser.add_argument("--list", action="store_true", help="name the trials and end")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials, print the table, judge."""
    args = parse_args(arguments)
    if args.list:
        for entry in CATALOG:
            print(f"{entry.name:<20}{entry.fault}{' (only when named)' if entry.is_extra else ''}")
        return 0
    # An end by `kill` or `make` must take Airflow and the small disk away, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    home = args.home or Path(tempfile.mkdtemp(prefix="zoho-chaos-"))
    print(f"All files: {home}\n\n{table.header()}", flush=True)
    scale = Scale(args.threshold, args.window_seconds, args.lock_seconds, args.lost_from)
    with opened(home, scale) as scene:
        session = Session(scene, args.seed)
        verdicts = perform(session, chosen(args.only), args.times)
    if args.json:
        args.json.write_text(json.dumps([asdict(verdict) for verdict in verdicts], indent=1))
    kept = all(verdict.is_kept for verdict in verdicts) and not session.broken
    print(f"\n{table.notes(verdicts)}")
    for what, names in (("left out", session.left_out), ("broken off", session.broken)):
        for name, reason in names.items():
            print(f"{what}: {name}: {reason}")
    print(f"{'ok' if kept else 'NOT KEPT'} (seed {args.seed}, {time.strftime('%Y-%m-%d')})")
    return 0 if kept else 1


def chosen(names: Sequence[str] | None) -> list[Entry]:
    """The named trials, or all but the extra ones."""
    return [BY_NAME[name] for name in names] if names else [entry for entry in CATALOG if not entry.is_extra]


def perform(session: Session, entries: Sequence[Entry], times: int | None) -> list[Verdict]:
    """All trials on one scene; each row is printed when it is known."""
    verdicts = []
    for entry in entries:
        for verdict in session.trials(entry, times):
            verdicts.append(verdict)
            print(table.row(verdict), flush=True)
    return verdicts


if __name__ == "__main__":
    sys.exit(main())
