"""One contender through three runs: the first, one a day later, and one that is killed at half."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.differences import Rows
from benchmarks.peers.contenders import Contender, Work
from benchmarks.peers.truth import Emulated, compare, useful_pages

POLL_S = 0.5


@dataclass(frozen=True)
class Run:
    """What one run came to; `seconds` is None when it did not end in time."""

    seconds: float | None
    starts: int
    requests: int
    useful: int
    locks: int
    rows: Rows


@dataclass
class Trial:
    """A contender and the emulator that is its own."""

    contender: Contender
    emulated: Emulated
    work: Work
    folder: Path
    limit_s: float

    def runs(self) -> list[Run]:
        """All three."""
        self.contender.up()
        try:
            first = self._run(self.folder / "first")
            self._rest()
            self.emulated.post("day", {"day": 1})
            second = self._run(self.folder / "first")
            self._rest()
            killed = self._run(self.folder / "killed", kill_after=first.useful // 2)
        finally:
            self.contender.stop()
        return [first, second, killed]

    def _run(self, output: Path, kill_after: int | None = None) -> Run:
        since = self.emulated.last()
        locks = self.emulated.get("stats")["locks_caused"]
        began = time.monotonic()
        self.contender.start(output)
        if kill_after is not None:
            self._wait_for_pages(kill_after, since, began)
            self.contender.kill()
            self.contender.start_again()
        starts, ended = self._wait(began, starts=1 if kill_after is None else 2)
        requests = self.emulated.requests(since)
        return Run(
            seconds=time.monotonic() - began if ended else None,
            starts=starts,
            requests=len(requests),
            useful=useful_pages(requests),
            locks=self.emulated.get("stats")["locks_caused"] - locks,
            rows=compare(self.emulated.truth(self.work), output),
        )

    def _wait(self, began: float, *, starts: int) -> tuple[int, bool]:
        """How often it was started, and whether it ended well in time."""
        while (state := self.contender.state()) != "success":
            if time.monotonic() - began > self.limit_s:
                self.contender.abandon()
                return starts, False
            if state == "failed":
                time.sleep(self.work.window_s)
                self.contender.start_again()
                starts += 1
            time.sleep(POLL_S)
        return starts, True

    def _wait_for_pages(self, count: int, since: int, began: float) -> None:
        while useful_pages(self.emulated.requests(since)) < count:
            if time.monotonic() - began > self.limit_s:
                return
            time.sleep(POLL_S)

    def _rest(self) -> None:
        """A day passes: no lock and no request of the last window is left."""
        self.emulated.post("lock", seconds=0)
        time.sleep(self.work.window_s)
