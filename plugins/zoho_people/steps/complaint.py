"""What a person has to look at after a run: what is missing, and whom Zoho did not find."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from zoho_people.model.run_xcoms import Request
from zoho_people.model.wording import counted

if TYPE_CHECKING:
    from zoho_people.publishing.coverage import Coverage

log = logging.getLogger(__name__)

HAD = "What could be had is published."
"""Between what is missing and the cure."""

_NAMED = 20
"""How many of what is missing are named."""

_LEARNERS_NAMED = 5


def complaint(coverage: Coverage, unread: Sequence[str], unpublished: Sequence[str]) -> str:
    """What is missing and the cure; empty when nothing is.

    *unread* are the courses whose learners are not known, *unpublished* the files that could not be merged.
    """
    parts = []
    counts = coverage.counts
    missing = counts.missing - counts.postponed
    if missing:
        units = [f"{unit} ({why})" for unit, why in islice(coverage.missing(), _NAMED + 1)]
        parts.append(f"{missing} of {sum(coverage.outcomes.values())} units are missing: {some_of(units)}")
    if unread:
        parts.append(f"the learners of {counted(len(unread), 'course')} are not known: {some_of(unread)}")
    if unpublished:
        parts.append(f"{counted(len(unpublished), 'file')} could not be published: {some_of(unpublished)}")
    if parts:
        # A task that read what Zoho let it read did not fail.
        cleared = "read_rosters with what follows it" if unread else "the run's failed tasks"
        return f"{'. '.join(parts)}. {HAD} Clear {cleared} to complete the same snapshot."
    unknown = [str(course) for course in coverage.unknown_courses]
    return f"Zoho found none of the learners in: course {some_of(unknown)}. Check the ids." if unknown else ""


def some_of(texts: Sequence[str]) -> str:
    """The first of *texts*."""
    return "; ".join(texts[:_NAMED]) + ("; …" if len(texts) > _NAMED else "")


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
    source = "roster_file" if request.roster_file else "learner_ids"
    some = ", ".join(learners.unknown[:_LEARNERS_NAMED])
    return (
        f"Zoho did not find {len(learners.unknown)} of the {total} that {source} names in any of their "
        f"courses, such as {some}. The others are published. Check that the ids "
        "are Zoho's, with all their digits (a spreadsheet rounds them), correct them, and start a new run."
    )


def tell_not_found(coverage: Coverage) -> None:
    """Log how many units Zoho did not find, with a few of the learners: ids are in tasks' logs anyway."""
    from zoho_people.publishing.not_found import not_found

    units, sample = not_found(coverage)
    if units:
        some = "; ".join(f"course {course}, learner {learner_id}" for course, learner_id in sample)
        log.warning("Zoho did not find the learner of %s, such as %s", counted(units, "unit"), some)
