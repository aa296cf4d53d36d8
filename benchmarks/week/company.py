"""The emulated company: it lives a day, one run fetches it, and the snapshot is compared with the truth."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.control import Control
from benchmarks.rate import connection
from benchmarks.week.day import Day
from benchmarks.week.run import DayClock, DayRun, task_processes
from benchmarks.week.snapshot import look, uncovered
from local_airflow.emulator import LocalEmulator
from zoho_people.model.policy import Mode, Policy
from zoho_people.zoho.settings import ConnectionSettings

FIRST_DAY = datetime(2026, 11, 23, 6, tzinfo=UTC)
NO_LIMIT = 10**9


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
            fingerprints=run.fingerprints(),
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
def company(
    home: Path, *, courses: int, learners: int, seed: int, changed_share: float, processes: int
) -> Iterator[Company]:
    """A company of that size, for as long as the block lasts; as many processes fetch side by side."""
    with (
        LocalEmulator(
            courses=courses,
            learners=learners,
            seed=seed,
            threshold=NO_LIMIT,
            extra_args=["--changed-share", str(changed_share)],
            log=home / "emulator.log",
        ) as emulator,
        task_processes(processes) as pool,
    ):
        given = json.loads(connection(emulator.url, 60.0))
        settings = ConnectionSettings.parse(
            login=given["login"], password=given["password"], host=given["host"], extra=given["extra"]
        )
        yield Company(Control(emulator.url), settings, home / "data", pool, processes)
