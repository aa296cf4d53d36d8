"""Following one run of the DAG until it ends."""

import sys
import time
from collections.abc import Mapping

import httpx

from local_airflow.api import FINISHED
from local_airflow.problem import ComponentProblem
from local_airflow.progress import Progress
from local_airflow.stack import Stack
from local_airflow.text import last_lines

DAG_ID = "zoho_learner_progress"
POOL = "zoho_people_api"
_POLL_S = 2.0
_REPEAT_S = 15.0
_PATIENCE_S = 90.0
_WINDOW_S = 60.0


def until_finished(stack: Stack, run_id: str) -> str:
    """Show the run's progress until it ends; the state it ended in.

    A component that dies is started again by its watcher; this says so, and gives up when that doesn't help.
    """
    screen = _Screen()
    look = _Look(stack, run_id)
    components = _Components(stack)
    answered_at = time.monotonic()
    while True:
        try:
            if (state := str(stack.airflow.api.run(DAG_ID, run_id)["state"])) in FINISHED:
                screen.close(look.now().line())
                return state
            screen.show(look.now().line())
            answered_at = time.monotonic()
        except httpx.HTTPError as error:
            if time.monotonic() - answered_at > _PATIENCE_S:
                raise ComponentProblem(
                    f"Airflow does not answer any more: {error}. `make logs` says more."
                ) from None
        for message in components.changes():
            screen.note(message)
        time.sleep(_POLL_S)


class _Look:
    """Asks Airflow and the emulator how far a run is."""

    def __init__(self, stack: Stack, run_id: str) -> None:
        self._stack = stack
        self._run_id = run_id
        self._begun = 0
        self._last_begun_at = time.monotonic()

    def now(self) -> Progress:
        """One look."""
        pool = self._stack.airflow.api.pool(POOL)
        window_s, requests = _WINDOW_S, int(pool["occupied_slots"])
        if self._stack.emulator is not None:
            stats = self._stack.emulator.stats()
            window_s, requests = float(stats["window_seconds"]), int(stats["requests_in_last_window"])
        failed = self._count("failed", "upstream_failed")
        done, held = failed + self._count("success", "skipped"), self._count("running", "deferred")
        return Progress(
            total=self._count(),
            done=done,
            failed=failed,
            held=held,
            requests_in_window=requests,
            slots=int(pool["slots"]),
            window_s=window_s,
            quiet_s=self._quiet_s(done + held),
        )

    def _count(self, *states: str) -> int:
        return self._stack.airflow.api.count_tasks(DAG_ID, self._run_id, *states)

    def _quiet_s(self, begun: int) -> float:
        if begun > self._begun:
            self._begun, self._last_begun_at = begun, time.monotonic()
        return time.monotonic() - self._last_begun_at


class _Screen:
    """Draws over one line of a terminal; elsewhere prints a line when it changed, and not too often."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._shown = ""
        self._printed_at = float("-inf")

    def show(self, line: str) -> None:
        if self._live:
            print(f"\r\x1b[2K{line}", end="", flush=True)
        elif line != self._shown and time.monotonic() - self._printed_at >= _REPEAT_S:
            print(line, flush=True)
            self._printed_at = time.monotonic()
        self._shown = line

    def note(self, line: str) -> None:
        print(f"\r\x1b[2K{line}" if self._live else line, flush=True)

    def close(self, line: str) -> None:
        """The last line, which stays."""
        print(f"\r\x1b[2K{line}" if self._live else line, flush=True)


class _Components:
    """Notices that a component was started again, or no more."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._pids = self._running()

    def changes(self) -> list[str]:
        """What happened since the last call, in words; raises when a component is left dead."""
        before, self._pids = self._pids, self._running()
        return [f"{name} died and was started again" for name in self._pids if self._changed(name, before)]

    def _changed(self, name: str, before: Mapping[str, int]) -> bool:
        return bool(before.get(name)) and before[name] != self._pids[name]

    def _running(self) -> dict[str, int]:
        try:
            states = self._stack.airflow.states()
        except OSError:
            raise ComponentProblem(
                "The watcher of Airflow's components is gone. Start again: make run"
            ) from None
        for state in states.values():
            if state.given_up:
                raise ComponentProblem(
                    f"{state.name} keeps dying. The end of {state.log}:\n{last_lines(state.log)}"
                )
        # A component that is just being started again has no process: its last one is remembered until it has.
        known = getattr(self, "_pids", {})
        return {name: state.pid or known.get(name, 0) for name, state in states.items()}
