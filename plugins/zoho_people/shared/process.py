"""What a process knows of time and of itself."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

_STARTTIME = 19
"""The field ``starttime`` of proc_pid_stat(5), counted behind the command's closing parenthesis."""


def _age_s() -> float:
    """Seconds since the operating system started this process: never too many, for the pace counts on them.

    On Linux psutil derives the start from a boot time in whole seconds and may so tell up to a second too
    much; here both instants come from the kernel's own clock.
    """
    if sys.platform == "linux":
        stat = Path("/proc/self/stat").read_bytes()
        return age_of(stat, time.clock_gettime(time.CLOCK_BOOTTIME), os.sysconf("SC_CLK_TCK"))
    return max(0.0, time.time() - float(psutil.Process().create_time()))


def age_of(stat: bytes, boottime_s: float, ticks_per_s: int) -> float:
    """The age of the process that *stat*, the text of its ``/proc/<pid>/stat``, is about."""
    started_ticks = int(stat.rpartition(b")")[2].split()[_STARTTIME])
    if started_ticks == 0:  # a sandbox that does not say
        return 0.0
    return max(0.0, boottime_s - (started_ticks + 1) / ticks_per_s)


@dataclass(frozen=True, slots=True)
class Process:
    """A process: *now* tells seconds since the epoch, *age_s* those since it was started."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    age_s: Callable[[], float] = _age_s

    def aged_at(self, age_s: float) -> float:
        """When it is *age_s* old."""
        return self.now() + age_s - self.age_s()

    def sleep_until(self, instant: float) -> None:
        """Return at *instant*, at once where it is over."""
        remaining_s = instant - self.now()
        if remaining_s > 0:
            self.sleep(remaining_s)


THIS_PROCESS = Process()
