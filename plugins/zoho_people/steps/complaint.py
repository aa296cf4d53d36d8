"""What a person has to look at after a run, in one sentence or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoho_people.dataset.coverage import Coverage
    from zoho_people.dataset.publish import PublishReport

_NAMED = 20
"""How many of what is missing are named."""


def complaint(published: PublishReport, coverage: Coverage, unread: Sequence[str]) -> str:
    """What is missing and the cure; empty when nothing is."""
    parts = []
    missing = [f"{unit} ({why})" for unit, why in coverage.missing]
    if missing:
        parts.append(f"{len(missing)} of {coverage.units} units are missing: {_some(missing)}")
    if unread:
        parts.append(f"the learners of {len(unread)} courses are not known: {_some(unread)}")
    if published.failures:
        parts.append(f"{len(published.failures)} files could not be published: {_some(published.failures)}")
    if parts:
        cure = "What could be had is published. Clear the run's failed tasks to complete the same snapshot."
        return f"{'. '.join(parts)}. {cure}"
    unknown = [str(course) for course in coverage.unknown_courses]
    return f"Zoho found none of the learners in: course {_some(unknown)}. Check the ids." if unknown else ""


def _some(texts: Sequence[str]) -> str:
    return "; ".join(texts[:_NAMED]) + ("; …" if len(texts) > _NAMED else "")
