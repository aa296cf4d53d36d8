"""The small organisation that the emulator has, and the part of it that `make run` asks for.

One self-paced course and one batch of a blended course, with the two learners that take both: by ten entity types
that is 40 requests, which the limit of 30 a minute spreads over about two minutes.
"""

from collections.abc import Iterator
from typing import Any

COURSES = 2
LEARNERS = 3
SEED = 7
# Fewer than a page holds: each second page would hold its slot for one more minute.
EXTRA = ("--max-entities", "15")


def request(organisation: dict[str, Any]) -> dict[str, list[str]]:
    """Params of the DAG for an organisation as the emulator describes it."""
    chosen = list(_courses(organisation))
    common = set.intersection(*(set(learners) for _, learners in chosen))
    learners = [learner for learner in organisation["learner_ids"] if learner in common]
    return {"courses": [course for course, _ in chosen], "learner_ids": learners}


def _courses(organisation: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Each course as the DAG takes it with its learners; of a blended one the batch that has most."""
    for course in organisation["courses"]:
        if course["batches"]:
            batch = max(course["batches"], key=lambda each: len(each["learner_ids"]))
            yield f"{course['course_id']}/{batch['batch_id']}", batch["learner_ids"]
        else:
            yield course["course_id"], course["learner_ids"]
