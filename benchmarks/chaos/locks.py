"""Locks: scripted, in every shape, several, and from outside. None of them is caused by our own requests."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product

from benchmarks.chaos.trial import Trial

SHAPES = tuple(
    f"{status}-{form}{retry}"
    for status, form, retry in product(
        ("200", "400", "429"), ("flat", "nested", "text-code", "words"), ("", "-retry-after")
    )
)
SHORT_S = 5.0
LATER_PAGE_SIZE = 8
ONE_BEHIND_THE_OTHER_S = 20.0


def in_every_shape(shapes: tuple[str, ...] = SHAPES) -> Callable[[Trial], None]:
    """One short lock after the other in one run, each answered in another shape."""

    def trial_of(trial: Trial) -> None:
        trial.scene.connect(lock_seconds=SHORT_S)
        trial.script(_lock_at(2, SHORT_S))
        trial.scene.set(lock_shape=shapes[0])
        trial.start()
        for shape in shapes:
            trial.scene.set(lock_shape=shape)
            trial.script(_lock_at(2, SHORT_S))
            if not trial.wait_until(trial.strikes):
                trial.notes.append(f"{shape} and later shapes never came up")
                break
            trial.done += 1

    return trial_of


def in_a_row(trial: Trial) -> None:
    """Three locks, each met by one of the first requests after the one before."""
    trial.scene.connect(lock_seconds=ONE_BEHIND_THE_OTHER_S)
    first = trial.points(1)[0] + 1
    trial.script(*(_lock_at(first + 3 * n, ONE_BEHIND_THE_OTHER_S) | {"name": f"{n}"} for n in range(3)))
    trial.start()


def during_a_lock_wait(trial: Trial) -> None:
    """Another client causes a lock while ours wait for the end of one; theirs ends later."""
    trial.scene.connect(lock_seconds=ONE_BEHIND_THE_OTHER_S)
    trial.script(_lock_at(trial.points(1)[0] + 1, ONE_BEHIND_THE_OTHER_S))
    trial.start()
    if trial.wait_until(trial.strikes):
        time.sleep(ONE_BEHIND_THE_OTHER_S * 0.6)
        trial.scene.tell("lock", seconds=ONE_BEHIND_THE_OTHER_S)
        trial.done += 1


def amid_a_learners_pages(trial: Trial) -> None:
    """Another client causes a lock when first pages have come and their next ones are still to be asked for."""
    trial.scene.set(page_size=LATER_PAGE_SIZE)
    trial.start()
    trial.wait_for_requests(min(trial.scene.scale.threshold, len(trial.work.units())))
    trial.scene.tell("lock", seconds=trial.scene.scale.lock_s)
    trial.done += 1


def _lock_at(nth: int, seconds: float) -> dict[str, object]:
    return {"match": {"nth": nth}, "action": {"type": "locked", "seconds": seconds}}
