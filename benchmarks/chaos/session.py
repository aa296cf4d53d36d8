"""Runs trials one after the other on one scene, with the clean runs that they are compared with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import httpx

from benchmarks.chaos.before import write
from benchmarks.chaos.catalog import Entry
from benchmarks.chaos.disks import NotPossible
from benchmarks.chaos.reader import Reader
from benchmarks.chaos.scene import Scene
from benchmarks.chaos.trial import Trial, Work, works
from benchmarks.chaos.truth import Truth
from benchmarks.chaos.verdict import Verdict, judge
from local_airflow.problem import Problem

LONGEST_S = {"small": 600.0, "medium": 900.0, "large": 1800.0}


def _nothing(trial: Trial) -> None:
    trial.start()


@dataclass
class Session:
    """The trials of one call of `python -m benchmarks.chaos`."""

    scene: Scene
    seed: int
    clean_s: dict[str, float] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    @cached_property
    def truth(self) -> Truth:
        """What Zoho has."""
        return Truth(self.scene)

    @cached_property
    def works(self) -> dict[str, Work]:
        """The sizes of work."""
        return works(self.scene)

    def clean(self, size: str) -> Verdict:
        """A run of that size to which nothing is done; later trials of the size are compared with it."""
        verdict = self.trial(
            Entry(f"clean-{size}", f"none ({self._units(size)} units)", _nothing, size), times=0
        )
        self.clean_s[size] = verdict.seconds
        return verdict

    def trials(self, entry: Entry, times: int | None = None) -> Iterator[Verdict]:
        """The entry's trial, behind the clean run of its size if that is missing."""
        if entry.has_baseline and entry.size not in self.clean_s:
            yield self.clean(entry.size)
        try:
            yield self.trial(entry, times=times or entry.times)
        except NotPossible as reason:
            self.left_out[entry.name] = str(reason)
        except (Problem, httpx.HTTPError) as problem:
            self.broken[entry.name] = f"{type(problem).__name__}: {problem}"

    def trial(self, entry: Entry, *, times: int) -> Verdict:
        """The entry's trial by itself, from a clean slate, with a reader beside it."""
        self.scene.clean_slate()
        output = self.scene.folder / "data" / entry.name
        dice = random.Random(f"{self.seed} {entry.name}")  # noqa: S311
        before = self.works["before"]
        trial = Trial(self.scene, output, dice, times, self.works[entry.size], before)
        write(output, self.truth, before)
        reader = Reader(output, self.truth.counts(), before.units())
        reader.start()
        try:
            return self._judged(trial, entry, reader)
        finally:
            for close in trial.closers:
                close()

    def _judged(self, trial: Trial, entry: Entry, reader: Reader) -> Verdict:
        entry.act(trial)
        ended = trial.finish(LONGEST_S[entry.size])
        reader.stop()
        if trial.cleared and not entry.by_hand:
            trial.notes.append(f"a person had to clear {trial.cleared} tasks")
        clean_s = self.clean_s.get(entry.size) if entry.has_baseline else None
        return judge(
            trial, self.truth, reader, name=entry.name, fault=entry.fault, clean_s=clean_s, ended=ended
        )

    def _units(self, size: str) -> int:
        return len(self.works[size].units())
