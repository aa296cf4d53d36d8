"""The plan of a run: what is known of each course against what the course says today, written down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from zoho_people.model.entity_type import EntityType
from zoho_people.model.known import Known
from zoho_people.model.policy import Policy
from zoho_people.model.unit import Course
from zoho_people.planning.decide import Decisions
from zoho_people.planning.known_units import read_state
from zoho_people.planning.plan_file import PlanFile, PlanWriter
from zoho_people.storage.by_learner import ByLearner
from zoho_people.storage.store import Store

log = logging.getLogger(__name__)


def plan_units(
    store: Store,
    run_key: str,
    courses: Iterable[tuple[Course, Mapping[str, str | None]]],
    entity_types: Sequence[EntityType],
    *,
    policy: Policy,
    now: datetime,
    never_has: Callable[[Course], frozenset[EntityType]] = lambda _: frozenset(),
) -> PlanFile:
    """Write the plan of the run *run_key*: every learner of each of *courses* in each of *entity_types*.

    A course comes with its learners and the fingerprints of their records; None where no record is known, as of
    learners whom somebody named. What is fetched of these serves later runs, too, but saves them no request:
    without a fingerprint nobody can tell whether the record has changed since (:attr:`Reason.CHANGED`).

    *never_has* says which entity types a course can't have.

    *courses* is read one at a time. Of one course the learners' ids and fingerprints are held, and no units.

    :raises ValueError: when a course comes twice, or an id is none.
    """
    types = tuple(dict.fromkeys(entity_types))
    with PlanWriter.opened(store, run_key) as writer:
        for course, learners in courses:
            state = read_state(store, course)
            never = never_has(course)
            planned = 0
            for entity_type in types:
                states: ByLearner[Known] = state.get(entity_type, {})
                units = Decisions(
                    course,
                    learners,
                    entity_type,
                    states,
                    now=now,
                    policy=policy,
                    never_there=entity_type in never,
                )
                planned += writer.add(units)
            if planned and not learners:
                _warn_of_nobody(course)
    return PlanFile(store, run_key)


def _warn_of_nobody(course: Course) -> None:
    log.warning(
        "Course %s has no learners any more, by Zoho's list; nobody is taken to have left, and what is known of "
        "them is carried forward",
        course,
    )
