"""Tasks that lose their pool slots before the minute of their requests is over."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.chaos_parts import kills
from benchmarks.chaos_parts.trial import Run, Trial

ANSWER_MS = 3000
"""How late answers come while tasks are killed or cleared that wait for one."""

SLOTS = 8


def lost(count: int, lose: Callable[[Trial, Run, int], int]) -> Callable[[Trial], None]:
    """A trial in which *count* tasks lose their slots at once, `times` times, while the pool is full."""

    def trial_of(trial: Trial) -> None:
        let_few_pass(trial, SLOTS)
        run = trial.start()
        for turn in range(trial.times):
            if not trial.wait_for_requests(SLOTS + turn * SLOTS // 2):
                return
            trial.done += lose(trial, run, count)

    return trial_of


def let_few_pass(trial: Trial, slots: int) -> None:
    """Give pool and emulator a limit of *slots*, so that it is reached however slow the machine is."""
    trial.scene.set_slots(slots)
    trial.closers.append(lambda: trial.scene.set_slots(trial.scene.scale.threshold))
    trial.scene.set(threshold=slots)


def killed(trial: Trial, run: Run, count: int) -> int:
    """kill -9 of tasks that have just sent and wait for their answers."""
    trial.scene.set(latency_ms=ANSWER_MS)
    trial.wait_for_requests(trial.requests() + count)
    done = kills.tasks_at_once(trial, count)
    trial.scene.set(latency_ms=0)
    return done


def cleared_while_running(trial: Trial, run: Run, count: int) -> int:
    """Tasks are cleared by hand that have just sent and wait for their answers."""
    trial.scene.set(latency_ms=ANSWER_MS)
    trial.wait_for_requests(trial.requests() + count)
    done = _clear(trial, run, trial.fetching(run, "running")[:count])
    trial.scene.set(latency_ms=0)
    return done


def cleared_while_deferred(trial: Trial, run: Run, count: int) -> int:
    """Tasks are cleared by hand that have their answers and hold their slots."""
    return _clear(trial, run, _some(trial, run, count))


def marked_while_deferred(trial: Trial, run: Run, count: int) -> int:
    """The same, but marked as a success (their pages are there), half of them as failed."""
    for number, map_index in enumerate(_some(trial, run, count)):
        path = f"/dags/{run.dag_id}/dagRuns/{run.run_id}/taskInstances/fetch/{map_index}"
        state = {"new_state": "failed" if number % 2 else "success"}
        trial.scene.patiently(lambda path=path, state=state: trial.scene.api.call("PATCH", path, json=state))
    return count


def _some(trial: Trial, run: Run, count: int) -> list[int]:
    found: list[int] = []
    trial.wait_until(lambda: len(found.extend(trial.fetching(run, "deferred")) or found) >= count)
    return trial.dice.sample(sorted(set(found)), min(count, len(set(found))))


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
