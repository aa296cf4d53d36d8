"""Tasks that lose their pool slots before the minute of their requests is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.chaos import kills
from benchmarks.chaos.scene import API_POOL
from benchmarks.chaos.trial import Run, Trial


def lost(count: int, lose: Callable[[Trial, Run, int], int]) -> Callable[[Trial], None]:
    """A trial in which *count* tasks of a full pool lose their slots at once, `times` times."""

    def trial_of(trial: Trial) -> None:
        let_few_pass(trial, trial.scene.scale.lost_from)
        run = trial.start()
        for _ in range(trial.times):
            trial.done += lose(trial, run, count)

    return trial_of


def let_few_pass(trial: Trial, slots: int) -> None:
    """Give pool and emulator a limit of *slots*, so that it is reached however slow the machine is."""
    trial.scene.set_slots(slots)
    trial.closers.append(lambda: trial.scene.set_slots(trial.scene.scale.threshold))
    trial.scene.set(threshold=slots)


def killed(trial: Trial, run: Run, count: int) -> int:
    """kill -9 of tasks that have sent and wait for their answers."""
    with _late_answers(trial):
        return kills.tasks_at_once(trial, count)


def cleared_while_running(trial: Trial, run: Run, count: int) -> int:
    """Tasks are cleared by hand that have sent and wait for their answers."""
    with _late_answers(trial):
        return _clear(trial, run, trial.fetching(run, "running")[:count])


@contextmanager
def _late_answers(trial: Trial) -> Iterator[None]:
    """The block is run when all tasks of a small pool have sent and wait for their answers."""
    sent = trial.requests()
    slots = int(trial.scene.patiently(lambda: trial.scene.api.pool(API_POOL))["slots"])
    late_s = 4 + 2 * slots  # so long that a slow machine has started them all
    trial.scene.connect(timeout_seconds=late_s + 10)
    trial.script({"match": {"every": 1}, "action": {"type": "delay", "seconds": late_s}})
    trial.wait_for_requests(sent + slots)
    yield
    trial.script()


def cleared_while_deferred(trial: Trial, run: Run, count: int) -> int:
    """Tasks are cleared by hand that have their answers and hold their slots."""
    return _clear(trial, run, _some(trial, run, count))


def marked_while_deferred(trial: Trial, run: Run, count: int) -> int:
    """The same, but marked as a success (their pages are there), half of them as failed."""
    numbers = _some(trial, run, count)
    for place, number in enumerate(numbers):
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/fetch/{number}"
        state = {"new_state": "failed" if place % 2 else "success"}
        trial.scene.patiently(lambda path=path, state=state: trial.scene.api.call("PATCH", path, json=state))
    return len(numbers)


def _some(trial: Trial, run: Run, count: int) -> list[int]:
    """*count* tasks that hold their slots; fewer where the machine is too slow for so many at once."""
    found: list[int] = []

    def are_enough() -> bool:
        found[:] = trial.fetching(run, "deferred")
        return len(found) >= count

    trial.wait_until(are_enough, timeout_s=30)
    return trial.dice.sample(found, min(count, len(found)))


def _clear(trial: Trial, run: Run, numbers: list[int]) -> int:
    if numbers:
        body = {
            "dag_run_id": run.run_id,
            "dry_run": False,
            "only_failed": False,
            "task_ids": [["fetch", number] for number in numbers],
        }
        path = f"/dags/{run.dag_id}/clearTaskInstances"
        trial.scene.patiently(lambda: trial.scene.api.call("POST", path, json=body))
    return len(numbers)
