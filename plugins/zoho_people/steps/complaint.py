"""What a person has to look at after a run, in one sentence or two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from zoho_people.model.wording import counted

if TYPE_CHECKING:
    from zoho_people.publishing.coverage import Coverage

_NAMED = 20
"""How many of what is missing are named."""


def complaint(coverage: Coverage, unread: Sequence[str], unpublished: Sequence[str]) -> str:
    """What is missing and the cure; empty when nothing is.

    *unread* are the courses whose learners are not known, *unpublished* the files that could not be merged.
    """
    parts = []
    count = len(coverage.missing)
    if count:
        units = [f"{unit} ({why})" for unit, why in islice(coverage.missing, _NAMED + 1)]
        parts.append(f"{count} of {sum(coverage.outcomes.values())} units are missing: {_some(units)}")
    if unread:
        parts.append(f"the learners of {counted(len(unread), 'course')} are not known: {_some(unread)}")
    if unpublished:
        parts.append(f"{counted(len(unpublished), 'file')} could not be published: {_some(unpublished)}")
    if parts:
        # A task that read what Zoho let it read did not fail.
        cleared = "read_rosters with what follows it" if unread else "the run's failed tasks"
        cure = f"What could be had is published. Clear {cleared} to complete the same snapshot."
        return f"{'. '.join(parts)}. {cure}"
    unknown = [str(course) for course in coverage.unknown_courses]
    return f"Zoho found none of the learners in: course {_some(unknown)}. Check the ids." if unknown else ""


def _some(texts: Sequence[str]) -> str:
    return "; ".join(texts[:_NAMED]) + ("; …" if len(texts) > _NAMED else "")
