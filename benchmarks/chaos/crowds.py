"""Several runs at once, and another DAG in the same pool."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.chaos.trial import TYPES, Trial, self_paced

OTHER_DAG_ID = "chaos_other_dag"
ASKED_BY_HOOK = 3
"""What `other_dag.py` asks for by the hook alone."""


def same_course(trial: Trial) -> None:
    """Two runs for the same learners of the same course."""
    work = replace(trial.work, learners=trial.work.learners[:3])
    trial.start(work)
    trial.start(work)
    trial.done += 1


def overlapping(trial: Trial) -> None:
    """Two runs that share a course and some learners of it; each has another course, too."""
    one, other, *_ = self_paced(trial.scene)
    learners = trial.work.learners
    trial.start(replace(trial.work, courses=(one, other), learners=learners[:2], types=TYPES[:5]))
    trial.start(replace(trial.work, courses=(one,), learners=learners[1:4]))
    trial.done += 1


def another_dag(trial: Trial) -> None:
    """The DAG beside one that uses the hook and the operator in the same pool, into the same dataset."""
    learners = trial.work.learners
    trial.start(replace(trial.work, learners=learners[:3]))
    others = replace(trial.work, learners=learners[2:5])
    trial.start(others, OTHER_DAG_ID)
    trial.asked_beside += [
        (others.courses[0], others.learners[0], name) for name in others.types[:ASKED_BY_HOOK]
    ]
    trial.done += 1
