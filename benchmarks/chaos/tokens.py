"""Access tokens that die before their time."""

from __future__ import annotations

from benchmarks.chaos.trial import Trial

SHORT_LIFE_S = 45


def revoked(trial: Trial) -> None:
    """All tokens die at random points of the run."""
    trial.start()
    for point in trial.points(trial.times):
        if trial.wait_for_requests(point):
            trial.scene.tell("tokens/revoke")
            trial.done += 1


def expired(trial: Trial) -> None:
    """Tokens live for less than the run takes (and for less than the margin with which they are renewed)."""
    trial.scene.set(token_lifetime_seconds=SHORT_LIFE_S)
    trial.start()
    trial.done += 1
