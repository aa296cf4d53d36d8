"""What a run says of learners whom Zoho did not find."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from zoho_people.model.wording import counted

if TYPE_CHECKING:
    from zoho_people.model.run_xcoms import Request
    from zoho_people.publishing.coverage import Coverage

log = logging.getLogger(__name__)

_NAMED = 5


def unknown_learners(coverage: Coverage, request: Request) -> str:
    """What is wrong where Zoho knows less than half of the learners that the run names, and the cure; else empty.

    A learner counts as known who was found in one of the courses. Where nobody was found, the courses are told.
    """
    from zoho_people.publishing.not_found import UnknownLearners

    if not request.names_everybody:
        return ""
    learners = UnknownLearners.of(coverage)
    if not learners.found or not learners.are_most:
        return ""
    total = counted(learners.everybody, "learner")
    return (
        f"Zoho did not find {len(learners.unknown)} of the {total} that {_source(request)} names in any of their "
        f"courses, such as {', '.join(learners.unknown[:_NAMED])}. The others are published. Check that the ids "
        "are Zoho's, with all their digits (a spreadsheet rounds them), correct them, and start a new run."
    )


def _source(request: Request) -> str:
    return "roster_file" if request.roster_file else "learner_ids"


def tell_not_found(coverage: Coverage) -> None:
    """Log how many units Zoho did not find, with a few of the learners: ids are in tasks' logs anyway."""
    from zoho_people.publishing.not_found import not_found

    units, sample = not_found(coverage)
    if units:
        some = "; ".join(f"course {course}, learner {learner_id}" for course, learner_id in sample)
        log.warning("Zoho did not find the learner of %s, such as %s", counted(units, "unit"), some)
