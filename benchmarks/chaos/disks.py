"""An output path that takes no more: a small tmpfs that is filled, or made read-only, for a while."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from benchmarks.chaos.kills import is_fetched
from benchmarks.chaos.trial import Trial

SIZE = "160m"
BALLAST = "_ballast"
RETRY_S = 0.2
OUTAGE_S = 60.0


class NotPossible(Exception):
    """This machine does not let us do it."""


class SmallDisk:
    """A tmpfs of little more than a run asks for at its start, at *folder*; only root can mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mount(self) -> None:
        """Put it over the folder, with what was in there."""
        if os.geteuid() != 0:
            raise NotPossible("only root can mount a small disk")
        aside = self.folder.with_name(f"{self.folder.name}-aside")
        shutil.copytree(self.folder, aside)
        self._run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "chaos", str(self.folder))
        shutil.copytree(aside, self.folder, dirs_exist_ok=True)

    def unmount(self) -> None:
        """Take it away, with what is on it."""
        self._run("umount", "-l", str(self.folder))

    def fill(self) -> None:
        """Leave no byte free."""
        block = b"\0" * 4096
        with (self.folder / BALLAST).open("ab", buffering=0) as ballast:
            try:
                while ballast.write(block):
                    pass
            except OSError:
                return

    def empty(self) -> None:
        """Make room again."""
        (self.folder / BALLAST).unlink()

    def refuse_writes(self, *, refuse: bool) -> None:
        """Make it read-only, or writable again; a file that is just being written is waited for."""
        mode = "ro" if refuse else "rw"
        deadline = time.monotonic() + 10
        while not self._remounted(mode):
            if time.monotonic() > deadline:
                raise NotPossible(f"the small disk could not be made {mode}")
            time.sleep(RETRY_S)

    def _remounted(self, mode: str) -> bool:
        command = ["mount", "-o", f"remount,{mode}", str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotPossible(done.stderr.strip())


def full(trial: Trial) -> None:
    """The disk is full from a random point on, for a minute."""
    disk = _disk_of(trial)
    trial.start()
    trial.wait_for_requests(trial.points(1)[0])
    disk.fill()
    _wait_out(trial)
    disk.empty()
    trial.done += 1


def unwritable(trial: Trial) -> None:
    """The folder refuses writes from a random point on, for a minute."""
    disk = _disk_of(trial)
    trial.start()
    trial.wait_for_requests(trial.points(1)[0])
    disk.refuse_writes(refuse=True)
    _wait_out(trial)
    disk.refuse_writes(refuse=False)
    trial.done += 1


def full_while_publishing(trial: Trial) -> None:
    """The disk gets full when all is fetched, before it is published."""
    disk = _disk_of(trial)
    run = trial.start()
    trial.wait_until(lambda: is_fetched(trial, run))
    disk.fill()
    _wait_out(trial)
    disk.empty()
    trial.done += 1


def _disk_of(trial: Trial) -> SmallDisk:
    disk = SmallDisk(trial.output)
    disk.mount()
    trial.closers.append(disk.unmount)
    return disk


def _wait_out(trial: Trial) -> None:
    until = time.monotonic() + OUTAGE_S
    trial.wait_until(lambda: time.monotonic() > until)
