"""One trial: runs of the DAG that something is done to, until they have ended with everything they set out for."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.chaos.scene import Scene
from local_airflow.api import FINISHED
from tests.emulated.journey import DAG_ID, KINDS

TYPES = tuple(name for name, _ in KINDS)
MOST_CLEARINGS = 3
POLL_S = 0.5
BEFORE = 2


@dataclass(frozen=True)
class Work:
    """What a run sets out to fetch."""

    courses: tuple[str, ...]
    learners: tuple[str, ...]
    types: tuple[str, ...] = TYPES

    def units(self) -> set[tuple[str, str, str]]:
        """(course, learner, entity type) of each; a course is `courseId` or `courseId/batchId`."""
        return {(c, learner, t) for c in self.courses for learner in self.learners for t in self.types}


@dataclass
class Run:
    """A run of a DAG."""

    dag_id: str
    run_id: str
    work: Work


@dataclass
class Trial:
    """The runs of one trial, all into one output path, which has the rows of `before` already.

    `dice` is seeded: the same seed does the same.
    """

    scene: Scene
    output: Path
    dice: random.Random
    times: int
    work: Work
    before: Work
    runs: list[Run] = field(default_factory=list)
    asked_beside: list[tuple[str, str, str]] = field(default_factory=list)
    cleared: int = 0
    done: int = 0
    notes: list[str] = field(default_factory=list)
    began_at: float = 0.0
    ended_at: float = 0.0
    closers: list[Callable[[], None]] = field(default_factory=list)

    # -- before and during

    def script(self, *rules: dict[str, Any]) -> None:
        """Give the emulator a fault script."""
        self.scene.tell("faults", {"seed": self.dice.randrange(10**6), "rules": list(rules)})

    def start(self, work: Work | None = None, dag_id: str = DAG_ID, **params: Any) -> Run:
        """Trigger a run."""
        work = work or self.work
        conf = {
            "courses": work.courses,
            "learner_ids": work.learners,
            "entity_types": work.types,
            "output_path": str(self.output),
            **params,
        }
        self.began_at = self.began_at or time.monotonic()
        run = Run(dag_id, self.scene.patiently(lambda: self.scene.api.trigger_dag(dag_id, conf)), work)
        self.runs.append(run)
        return run

    def wait_until(self, holds: Callable[[], Any], timeout_s: float = 300) -> bool:
        """Return when *holds* is true, False when all runs end before or it takes too long."""
        deadline = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > deadline or self._all_ended():
                return False
            time.sleep(POLL_S)
        return True

    def wait_for_requests(self, count: int) -> bool:
        """Return when the emulator has seen that many requests."""
        return self.wait_until(lambda: self.requests() >= count)

    def points(self, count: int) -> list[int]:
        """That many random points of the work, in requests, rising."""
        most = max(2, int(len(self.work.units()) * 0.9))
        return sorted(self.dice.randrange(1, most) for _ in range(count))

    def requests(self) -> int:
        """How many requests the emulator has seen."""
        return int(self.scene.ask("stats")["requests"]["api"])

    def fetching(self, run: Run, state: str) -> list[int]:
        """The numbers of the fetching tasks in that state."""
        tasks = self.scene.patiently(lambda: self.scene.api.task_instances(run.dag_id, run.run_id))
        return [task["map_index"] for task in tasks if task["task_id"] == "fetch" and task["state"] == state]

    def strikes(self) -> int:
        """How often the fault script struck."""
        return sum(rule["struck"] for rule in self.scene.ask("faults")["rules"])

    def states(self, run: Run, task_id: str) -> list[str | None]:
        """The states of one task's instances."""
        tasks = self.scene.patiently(lambda: self.scene.api.task_instances(run.dag_id, run.run_id))
        return [task["state"] for task in tasks if task["task_id"] == task_id]

    # -- the end

    def finish(self, timeout_s: float) -> bool:
        """Wait for all runs; clear what failed, as a person would. Whether all ended with success."""
        deadline = time.monotonic() + timeout_s
        pending = {run.run_id: (run, MOST_CLEARINGS) for run in self.runs}
        while pending and time.monotonic() < deadline:
            time.sleep(POLL_S)
            for run, clearings in list(pending.values()):
                state = self._state(run)
                if state == "success" or (state in FINISHED and not clearings):
                    del pending[run.run_id]
                    self.notes += [] if state == "success" else [f"{run.run_id} {state}"]
                elif state in FINISHED:
                    self._clear(run)
                    pending[run.run_id] = (run, clearings - 1)
        for run, _ in pending.values():
            self.notes.append(f"{run.run_id} did not end in {timeout_s:.0f} s")
            self._abandon(run)
        self.ended_at = time.monotonic()
        self.done = self.done or self.strikes()
        return all(self._state(run) == "success" for run in self.runs)

    def _clear(self, run: Run) -> None:
        """Clear the run's failed tasks, as the DAG's own page says."""
        tasks = self.scene.patiently(lambda: self.scene.api.task_instances(run.dag_id, run.run_id))
        failed = [task["task_id"] for task in tasks if task["state"] == "failed"]
        self.cleared += failed.count("fetch") or len(failed)
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}/clear"
        body = {"dry_run": False, "only_failed": True}
        self.scene.patiently(lambda: self.scene.api.call("POST", path, json=body))

    def _abandon(self, run: Run) -> None:
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}"
        self.scene.patiently(lambda: self.scene.api.call("PATCH", path, json={"state": "failed"}))

    def _state(self, run: Run) -> str:
        return str(self.scene.patiently(lambda: self.scene.api.run(run.dag_id, run.run_id))["state"])

    def _all_ended(self) -> bool:
        return bool(self.runs) and all(self._state(run) in FINISHED for run in self.runs)


def works(scene: Scene) -> dict[str, Work]:
    """The sizes of work that trials choose from: 12, 60 and 300 units; `before` are others of the same files."""
    organisation = scene.ask("organisation")
    course, learners = organisation["courses"][0]["course_id"], organisation["learner_ids"]
    return {
        "small": Work((course,), tuple(learners[:2]), TYPES[:6]),
        "medium": Work((course,), tuple(learners[:6])),
        "large": Work((course,), tuple(learners[:-BEFORE])),
        "before": Work((course,), tuple(learners[-BEFORE:])),
    }


def self_paced(scene: Scene) -> Sequence[str]:
    """The courses without batches."""
    return [each["course_id"] for each in scene.ask("organisation")["courses"] if not each["batches"]]
