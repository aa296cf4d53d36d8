"""Answers that go wrong, by the emulator's fault scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.chaos.trial import Trial

FIVE_PERCENT = ({"type": "http_status", "status": 500}, "reset", "truncated", "unauthorized")
PAGE_SIZE = 8
"""Small pages, so that most units have several."""


def of_each(probability: float, *actions: Any) -> Callable[[Trial], None]:
    """Each action strikes that share of all requests."""

    def trial_of(trial: Trial) -> None:
        trial.script(*rules(probability, *actions))
        trial.start()

    return trial_of


def rules(probability: float, *actions: Any, **match: Any) -> list[dict[str, Any]]:
    """A rule for each action, drawing its own lots among the requests that *match*."""
    match = {"probability": probability, **match}
    return [{"name": f"{n}", "match": match, "action": action} for n, action in enumerate(actions)]


def every_second(trial: Trial) -> None:
    """Every second request fails, whoever sends it."""
    trial.script({"match": {"every": 2}, "action": "http_status"})
    trial.start()


def first_try(action: Any, *, share: float = 0.5) -> Callable[[Trial], None]:
    """That share of all pages goes wrong when it is asked for the first time."""

    def trial_of(trial: Trial) -> None:
        match = {"nth": 1, "per": "page", "probability": share}
        trial.script({"match": match, "action": action})
        trial.start()

    return trial_of


def later_page(action: str) -> Callable[[Trial], None]:
    """The second page of a unit goes wrong when it is asked for the first time."""

    def trial_of(trial: Trial) -> None:
        trial.scene.set(page_size=PAGE_SIZE)
        match = {"nth": 1, "per": "page", "start_index": list(range(1, PAGE_SIZE + 1))}
        trial.script({"match": match, "action": action})
        trial.start()

    return trial_of
