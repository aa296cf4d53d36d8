"""What a run's staged lists say: which courses there are, who is in them, and what is missing."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from zoho_people.endpoints.course_learners import COURSE_LEARNERS
from zoho_people.endpoints.courses import BATCHES, COURSES
from zoho_people.endpoints.endpoint import Resource
from zoho_people.model.listed_course import ListedCourse, PublishState, is_published
from zoho_people.model.unit import Course
from zoho_people.staging.list_pages import ListedRecord, ListStaging, NotStaged
from zoho_people.storage.arrow_columns import named_rows
from zoho_people.storage.schema import FINGERPRINT

log = logging.getLogger(__name__)


class MissingCourse(NamedTuple):
    """A course or batch without a complete roster, and why: what Zoho said, or ``not read``."""

    course: Course
    why: str


def needs_batches(course: Course, listed: ListedCourse | None) -> bool:
    """Whether the batches of *course* have to be known: it is blended or may be, and none of them is named."""
    return course.batch_id is None and (listed is None or listed.may_have_batches)


def rosters_of(staging: ListStaging, course: Course, listed: ListedCourse | None) -> list[Course]:
    """The courses and batches whose learners make up *course*: itself, or its published batches.

    A course of unknown type is itself where Zoho lists no batches of it, or refuses to.

    :raises NotStaged: when its batches have to be known and are not complete.
    """
    if not needs_batches(course, listed):
        return [course]
    may_be_whole = listed is None or listed.type is None
    try:
        batches = list(_batches(staging, course.course_id))
    except NotStaged:
        if may_be_whole and staging.refusal(BATCHES.of(Course(course.course_id))) is not None:
            return [course]
        raise
    if may_be_whole and not batches:
        return [course]
    published = [batch.record_id for batch in batches if is_published(batch.record)]
    return [Course(course.course_id, batch_id) for batch_id in published]


def _batches(staging: ListStaging, course_id: str) -> Iterator[ListedRecord]:
    return staging.records(BATCHES.of(Course(course_id)))


def batch_names(staging: ListStaging, course_id: str) -> dict[str, str]:
    """The names of a course's batches by id, as far as they were listed; none where the list was not read."""
    try:
        batches = list(_batches(staging, course_id))
    except NotStaged:
        return {}
    names = {each.record_id: each.record.get("name", each.record.get("batchName")) for each in batches}
    return {batch_id: name for batch_id, name in names.items() if isinstance(name, str)}


def listed_courses(staging: ListStaging) -> dict[str, ListedCourse]:
    """The organisation's courses by id.

    :raises NotStaged: when the list is not complete.
    """
    courses = (ListedCourse.read(each.record) for each in staging.records(COURSES.of()))
    return {course.course_id: course for course in courses}


def tell_states(staging: ListStaging, listed: Resource) -> None:
    """Log how many courses or batches of a complete list are not published, and of how many it can't be told."""
    if listed.endpoint not in (COURSES, BATCHES):
        return
    states = Counter(PublishState.read(each.record) for each in staging.records(listed))
    if states[PublishState.UNPUBLISHED]:
        log.info("%s: %d are not published", listed, states[PublishState.UNPUBLISHED])
    if unknown := states[PublishState.UNKNOWN]:
        log.warning(
            "%s: %d have no publishStatus, or an unknown one; they are taken for published", listed, unknown
        )


def staged_courses(staging: ListStaging) -> list[Course]:
    """The courses and batches of the run whose rosters are complete, in the order chosen.

    :raises NotStaged: when the run's courses are not chosen yet.
    """
    return [course for course, why in _rosters(staging) if why is None]


def missing_courses(staging: ListStaging) -> list[MissingCourse]:
    """The courses and batches of the run without a complete roster.

    :raises NotStaged: when the run's courses are not chosen yet.
    """
    return [MissingCourse(course, why) for course, why in _rosters(staging) if why is not None]


def _rosters(staging: ListStaging) -> Iterator[tuple[Course, str | None]]:
    listed = listed_courses(staging)
    for course in staging.chosen():
        try:
            rosters = rosters_of(staging, course, listed.get(course.course_id))
        except NotStaged:
            yield course, staging.refusal(BATCHES.of(Course(course.course_id))) or "not read"
            continue
        for roster in rosters:
            learners = COURSE_LEARNERS.of(roster)
            done = staging.progress(learners).done
            yield roster, None if done else staging.refusal(learners) or "not read"


def forgotten_learners(staging: ListStaging) -> int:
    """How many learners of :func:`staged_courses` were left out as forgotten, each as often as a course has them.

    :raises NotStaged: when the run's courses are not chosen yet.
    """
    courses = staged_courses(staging)
    return sum(staging.progress(COURSE_LEARNERS.of(course)).forgotten for course in courses)


def staged_learners(staging: ListStaging, course: Course) -> dict[str, str]:
    """The learners of one of :func:`staged_courses` and the fingerprint of what Zoho says of each; sorted.

    :raises NotStaged: when the roster is not complete.
    """
    table = staging.table(COURSE_LEARNERS.of(course))
    return {row["id"]: row[FINGERPRINT] for row in named_rows(table.select(["id", FINGERPRINT]))}
