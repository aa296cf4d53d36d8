"""The age of this process: what the pace may count on, so it is never told too high."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil

_STARTTIME = 19
"""The field ``starttime`` of proc_pid_stat(5), counted behind the command's closing parenthesis."""


def process_age_s() -> float:
    """Seconds since the operating system started this process, at the most a clock tick too low.

    On Linux psutil derives the start from a boot time in whole seconds and may so tell up to a second too
    much; here both instants come from the kernel's own clock.
    """
    if sys.platform == "linux":
        stat = Path("/proc/self/stat").read_bytes()
        return age_s(stat, time.clock_gettime(time.CLOCK_BOOTTIME), os.sysconf("SC_CLK_TCK"))
    return max(0.0, time.time() - float(psutil.Process().create_time()))


def age_s(stat: bytes, boottime_s: float, ticks_per_s: int) -> float:
    """The age of the process that *stat*, the text of its ``/proc/<pid>/stat``, is about."""
    started_ticks = int(stat.rpartition(b")")[2].split()[_STARTTIME])
    if started_ticks == 0:  # a sandbox that does not say
        return 0.0
    return max(0.0, boottime_s - (started_ticks + 1) / ticks_per_s)
